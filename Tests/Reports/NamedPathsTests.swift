import Glibc
import Testing

@testable import Reports

@Suite("Paths of one command")
struct NamedPathsTests {
    private func refusal(
        of outputs: [(String, OutputKind)], inputs: [(String, String)]
    ) -> ReportFileError? {
        var paths = NamedPaths()
        for (path, noun) in inputs { paths.read(path, noun) }
        do throws(ReportFileError) {
            for (path, kind) in outputs { try paths.write(path, kind) }
            return nil
        } catch {
            return error
        }
    }

    @Test("T12 no output takes the place of an input, however the two are named")
    func t12Inputs() throws {
        try TemporaryDirectory.with { root in
            try TemporaryDirectory.write("{}", to: "\(root)/plan.json")
            mkdir("\(root)/folder", 0o755)
            symlink("plan.json", "\(root)/link.json")
            link("\(root)/plan.json", "\(root)/hard.json")
            symlink(root, "\(root)/folder/up")
            for output in [
                "plan.json", "./plan.json", "folder/../plan.json", "link.json", "hard.json",
                "folder/up/plan.json",
            ] {
                for input in ["plan.json", "link.json", "folder/up/link.json"] {
                    for kind in [OutputKind.report, .datagramLog] {
                        let error = refusal(
                            of: [("\(root)/\(output)", kind)],
                            inputs: [("\(root)/\(input)", "the plan")])
                        #expect(
                            error?.code == .conflict(with: "the plan"), "\(output) \(input)")
                        #expect(error?.exitStatus == .usage)
                    }
                }
            }
            #expect(
                refusal(
                    of: [("\(root)/report.json", .report), ("\(root)/log.csv", .datagramLog)],
                    inputs: [("\(root)/plan.json", "the plan")]) == nil)
        }
    }

    @Test("T12 two outputs are two files, whether they exist or not")
    func t12Outputs() throws {
        try TemporaryDirectory.with { root in
            symlink(root, "\(root)/here")
            let pair = [("\(root)/new", OutputKind.report), ("\(root)/here/new", .datagramLog)]
            let error = refusal(of: pair, inputs: [])
            #expect(error?.code == .conflict(with: "the report"))
            #expect(
                error?.description == "the datagram log \(root)/here/new would take the place of "
                    + "the report; name another with --log-datagrams FILE")
            try TemporaryDirectory.write("", to: "\(root)/new")
            #expect(refusal(of: pair, inputs: [])?.code == .conflict(with: "the report"))
        }
    }
}
