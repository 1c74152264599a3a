import Harness
import JSON
import Testing

/// What somebody has who starts out with the program alone: its plans, and its explanations.
@Suite struct StartingTests {
    @Test("the plans inside the program are listed, printed and checked without any file")
    func shipped() async throws {
        let directory = try TemporaryDirectory()
        let list = try await Execution.run(["list", "--json"], in: directory)
        #expect(list.code == 0, "\(list.all)")
        let names = try JSONValue.parse(Array(list.output.utf8))["plans"]?.array ?? []
        #expect(names.count == ScenarioTests.names.count)
        let printed = try await Execution.run(["list", ":quickstart"], in: directory)
        let file = try TemporaryDirectory.read(Program.root + "/Scenarios/quickstart.json")
        #expect(Array(printed.output.utf8) == Array(file))
        let checked = try await Execution.run(["check", ":quickstart"], in: directory)
        #expect(checked.code == 0, "\(checked.all)")
        #expect(checked.output.hasPrefix(":quickstart: valid: 2 runs"), "\(checked.all)")
        let wrong = try await Execution.run(["run", ":quikstart"], in: directory)
        #expect(wrong.code == 104, "\(wrong.all)")
        #expect(wrong.errors.contains("did you mean \":quickstart\"?"), "\(wrong.all)")
        #expect(directory.names == [])
    }

    @Test("init writes plans that can be run, and replaces none")
    func templates() async throws {
        let directory = try TemporaryDirectory()
        let purposes = ["ci", "networks", "hosts", "resilience", "service"]
        for purpose in purposes {
            let written = try await Execution.run(
                ["init", "--for", purpose, "\(purpose).json"], in: directory)
            #expect(written.code == 0, "\(written.all)")
            #expect(written.output == "\(purpose).json\n")
        }
        let checked = try await Execution.run(
            ["check", "--strict"] + purposes.map { "\($0).json" }, in: directory)
        #expect(checked.code == 0, "\(checked.all)")
        let again = try await Execution.run(["init", "ci.json"], in: directory)
        #expect(again.code != 0 && again.errors.contains("exists"), "\(again.all)")
        let other = try await Execution.run(["init", "--for", "network"], in: directory)
        #expect(other.code == 64, "\(other.all)")
        #expect(other.errors.contains("did you mean \"networks\"?"), "\(other.all)")
    }

    @Test("a word is explained, or said not to be one, and a misspelt verb is understood")
    func words() async throws {
        let directory = try TemporaryDirectory()
        let figure = try await Execution.run(["explain", "rtt.p99"], in: directory)
        #expect(figure.code == 0, "\(figure.all)")
        #expect(figure.output.contains("threshold: \"rtt.p99 < 50ms\""), "\(figure.all)")
        let unknown = try await Execution.run(["explain", "rtt.p9"], in: directory)
        #expect(unknown.code == 64, "\(unknown.all)")
        #expect(unknown.errors.contains("did you mean \"rtt.p90\"?"), "\(unknown.all)")
        let verb = try await Execution.run(["rnu", "plan.json"], in: directory)
        #expect(verb.code == 64, "\(verb.all)")
        #expect(verb.errors.contains("Did you mean 'udplab run'?"), "\(verb.all)")
    }
}
