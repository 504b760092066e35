// Prints what becomes of a use of each entry.
const outcome = (use) => use.then(() => "loaded", String);

export async function printOutcomes({ procedures }, { createSandbox }, { parseCallback }) {
  const callback = JSON.stringify({ Id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", CompanyId: "1" });
  console.log(
    JSON.stringify([
      await outcome(procedures()),
      await outcome(createSandbox()),
      await outcome(parseCallback(callback)),
    ]),
  );
}
