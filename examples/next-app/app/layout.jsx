export const metadata = { title: "Practice", icons: "data:," };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body style={{ margin: "1.5rem", font: "15px/1.4 system-ui, sans-serif" }}>{children}</body>
    </html>
  );
}
