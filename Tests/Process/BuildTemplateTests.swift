import Glibc
import Harness
import Testing

/// The action and the template for build servers: they are YAML, and what they have a shell do works.
@Suite struct BuildTemplateTests {
    /// Writes each script of a template to a file, named after its step.
    private static let extract = """
        import sys, yaml
        document = yaml.safe_load(open(sys.argv[1]))
        if "runs" in document:
            assert document["runs"]["using"] == "composite"
            for name, given in document["inputs"].items():
                assert given["description"] and (given.get("required") or "default" in given), name
            steps = document["runs"]["steps"]
            for step in steps:
                assert step["name"] and ("uses" in step) != ("run" in step), step
                assert "uses" in step or step["shell"] == "bash", step
            scripts = [(step["name"], step["run"]) for step in steps if "run" in step]
        else:
            job = document[".udplab"]
            assert job["artifacts"]["when"] == "always"
            scripts = [(part, "\\n".join(job[part])) for part in ("before_script", "script")]
        for name, script in scripts:
            open(name.lower().replace(" ", "-") + ".sh", "w").write(script)
        """

    /// A folder with the scripts of a template and a plan, and the environment for them.
    private static func place(
        _ template: String
    ) async throws -> (trial: Trial, environment: [String: String?]) {
        let trial = try Trial()
        let path = "\(Program.root)/Sources/udplab/Documentation.docc/Resources/\(template)"
        let ended = try await Execution.run(
            ["-c", extract, path], program: "python3", in: trial.directory)
        #expect(ended.code == 0, "\(ended.all)")
        let programs = trial.directory.file(".programs")
        mkdir(programs, 0o755)
        symlink(Program.path, "\(programs)/udplab")
        let path0 = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return (trial, ["PATH": "\(programs):\(path0)"])
    }

    private static func run(
        _ script: String, in trial: Trial, _ environment: [String: String?], ends code: Int32 = 0
    ) async throws {
        let ended = try await Execution.run(
            ["-eo", "pipefail", "\(script).sh"], program: "bash", in: trial.directory,
            environment: environment)
        #expect(ended.code == code, "\(script): \(ended.all)")
    }

    @Test(
        "every script is one for bash", arguments: ["github-action.yml", "gitlab-template.yml"])
    func scripts(template: String) async throws {
        let (trial, _) = try await Self.place(template)
        let names = trial.directory.names.filter { $0.hasSuffix(".sh") }
        #expect(names.count >= 2)
        for name in names {
            let ended = try await Execution.run(
                ["-n", name], program: "bash", in: trial.directory)
            #expect(ended.code == 0 && ended.errors == "", "\(name): \(ended.all)")
        }
    }

    @Test("the action runs a plan, and compares the second report with the first")
    func action() async throws {
        var (trial, environment) = try await Self.place("github-action.yml")
        environment["PLAN"] = "plan.json"
        environment["OPTIONS"] = "--set seed=7 --quiet"
        environment["MAX_REGRESSION"] = ""
        for round in 1...2 {
            if round == 2 { try trial.directory.write("udplab-main/1.json", report(trial)) }
            for step in [
                "run-the-plan", "compare-with-the-main-branch",
                "keep-the-report-of-the-main-branch",
            ] {
                try await Self.run(step, in: trial, environment)
            }
        }
        #expect(TemporaryDirectory.names(in: trial.directory.file("udplab-main")).count >= 2)
        for name in ["udplab.html", "udplab.json", "udplab.xml"] {
            #expect(trial.directory.exists(name), "\(name)")
        }
        // One run of each is too few to say that a bound holds.
        environment["MAX_REGRESSION"] = "rtt.p99 +10%"
        try await Self.run("compare-with-the-main-branch", in: trial, environment, ends: 75)
    }

    @Test("the template runs a plan, and compares the second report with the first")
    func template() async throws {
        var (trial, environment) = try await Self.place("gitlab-template.yml")
        environment["UDPLAB_PLAN"] = "plan.json"
        environment["UDPLAB_OPTIONS"] = "--set seed=7 --quiet"
        environment["UDPLAB_MAX_REGRESSION"] = ""
        environment["CI_COMMIT_BRANCH"] = "main"
        environment["CI_DEFAULT_BRANCH"] = "main"
        try await Self.run("script", in: trial, environment)
        try trial.directory.write("udplab-main/1.json", report(trial))
        try await Self.run("script", in: trial, environment)
        #expect(TemporaryDirectory.names(in: trial.directory.file("udplab-main")).count >= 2)
        for name in ["udplab.html", "udplab.json", "udplab.xml"] {
            #expect(trial.directory.exists(name), "\(name)")
        }
        // One run of each is too few to say that a bound holds.
        environment["UDPLAB_MAX_REGRESSION"] = "rtt.p99 +10%"
        try await Self.run("script", in: trial, environment, ends: 75)
    }

    private func report(_ trial: Trial) throws -> [UInt8] {
        try trial.directory.read("udplab.json")
    }

    @Test(
        "a plan that fails fails the job, and its page is made all the same",
        arguments: [true, false])
    func failing(isGitHub: Bool) async throws {
        var (trial, environment) = try await Self.place(
            isGitHub ? "github-action.yml" : "gitlab-template.yml")
        for (name, value) in [
            ("PLAN", "plan.json"), ("MAX_REGRESSION", ""), ("UDPLAB_PLAN", "plan.json"),
            ("UDPLAB_MAX_REGRESSION", ""), ("CI_COMMIT_BRANCH", "other"),
            ("CI_DEFAULT_BRANCH", "main"),
        ] { environment[name] = value }
        let options = "--set scenarios.0.thresholds=[\"loss.ratio>50%\"]"
        environment["OPTIONS"] = options
        environment["UDPLAB_OPTIONS"] = options
        let ended = try await Execution.run(
            ["-eo", "pipefail", isGitHub ? "run-the-plan.sh" : "script.sh"], program: "bash",
            in: trial.directory, environment: environment)
        #expect(ended.code == 99, "\(ended.all)")
        if isGitHub { try await Self.run("compare-with-the-main-branch", in: trial, environment) }
        #expect(trial.directory.exists("udplab.html"))
    }
}
