// What becomes of a use of each entry.
const outcome = (use) => use.then(() => "loaded", String);

export const outcomes = ({ procedures }, { createSandbox }, { parseCallback }) =>
  Promise.all([
    outcome(procedures()),
    outcome(createSandbox()),
    outcome(parseCallback(JSON.stringify({ Id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", CompanyId: "1" }))),
  ]);
