import Glibc

/// Other people's reading of JSON Schema: Python's jsonschema.
package enum SchemaJudge {
    package static let isThere = system("python3 -c 'import jsonschema' >/dev/null 2>&1") == 0
    package static let absence = "python3 with jsonschema is not installed"

    private static let script = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        for name in sys.argv[2:]:
            validator = jsonschema.Draft202012Validator(schema)
            for error in validator.iter_errors(json.load(open(name))):
                print(name, error.json_path, error.message[:200])
        """

    /// What is wrong with reports by the published schema, a line each; empty when nothing is.
    /// - Parameter kind: `report`, or `resilience` for score cards.
    package static func faults(
        in reports: [String], kind: String = "report", _ directory: TemporaryDirectory
    ) async throws -> String {
        let schema = try await Execution.run(["schema", "--\(kind)"], in: directory)
        try directory.write("report.schema.json", schema.output)
        let ended = try await Execution.run(
            ["-c", script, "report.schema.json"] + reports, program: "python3", in: directory)
        return ended.code == 0 ? ended.output : ended.all
    }
}
