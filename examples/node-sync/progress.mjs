// Shows the progress of a download in one line of the terminal.
const WIDTH = 24;

/** Returns an `onProgress` for the download of an order. */
export function progressOf(orderId, output = process.stderr) {
  if (!output.isTTY) return undefined;
  return ({ state, receivedBytes, totalBytes }) => {
    const share = totalBytes === null ? 0 : receivedBytes / totalBytes;
    const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
    const size = `${(receivedBytes / 1_000_000).toFixed(1)} MB`;
    output.write(
      `\r${orderId} ${bar} ${state === "waiting" ? "is being made" : size}\u001b[K${state === "done" ? "\n" : ""}`,
    );
  };
}
