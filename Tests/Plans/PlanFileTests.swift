import Glibc
import Harness
import STAMP
import Testing

@testable import Plans

@Suite struct PlanFileTests {
    private func fault(of path: String) -> String {
        do throws(PlanError) {
            _ = try PlanFile.load(path)
            return "a plan"
        } catch {
            guard case .file(let sentence) = error else { return "invalid: \(error)" }
            return sentence
        }
    }

    @Test("P1 a missing file is a plan error that names it")
    func p1Missing() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/none.json"
        let sentence = "\(path): cannot be opened: No such file or directory"
        #expect(fault(of: path).hasPrefix(sentence))
    }

    @Test("P1 an unreadable file is a plan error", .enabled(if: geteuid() != 0, "root reads all"))
    func p1Unreadable() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("plan.json", planText())
        #expect(chmod(path, 0) == 0)
        #expect(fault(of: path) == "\(path): cannot be opened: Permission denied")
    }

    @Test("P1 a directory is a plan error")
    func p1Directory() throws {
        let folder = try TemporaryDirectory()
        #expect(
            fault(of: folder.path) == "\(folder.path): is a directory; a plan is a regular file")
    }

    @Test("P1 a FIFO that nobody writes to does not hang", .timeLimit(.minutes(1)))
    func p1FIFO() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(fault(of: path) == "\(path): is a FIFO; a plan is a regular file")
    }

    @Test("P1 /dev/zero is a plan error and not read", .timeLimit(.minutes(1)))
    func p1Device() {
        #expect(fault(of: "/dev/zero") == "/dev/zero: is a device; a plan is a regular file")
    }

    @Test("P1 a path with a NUL is not cut short")
    func p1NUL() {
        #expect(fault(of: "/dev/zero\0.json").hasSuffix("a path has no NUL"))
    }

    @Test("P2 a file of 10 MB is refused by its size")
    func p2() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("large.json", "")
        // Sparse: were it read, its NULs would be the error.
        #expect(truncate(path, 10_000_000) == 0)
        #expect(
            fault(of: path) == "\(path): has 10000000 B; a plan has at most 1048576 B (1 MiB)")
    }

    @Test("P2 a file that claims to be empty and is not stays bounded")
    func p2Proc() {
        // Regular, of size 0, and full of text: read to the end, refused as JSON.
        #expect(fault(of: "/proc/self/maps").hasPrefix("invalid: /proc/self/maps:1:"))
    }

    @Test("P23 the hash is of the bytes that were read")
    func p23() throws {
        let folder = try TemporaryDirectory()
        let text = planText()
        let path = try folder.write("plan.json", text)
        let plan = try PlanFile.load(path)
        #expect(plan.sha256 == SHA256.hexDigest(of: Array(text.utf8)))
        #expect(plan.path == path)
    }

    @Test("P23 a plan that is replaced again and again is one of its versions, with that hash")
    func p23Race() async throws {
        let folder = try TemporaryDirectory()
        let versions = (0..<2).map { planText(more: ", \"x-version\": \($0), \"seed\": \($0)") }
        let hashes = versions.map { SHA256.hexDigest(of: Array($0.utf8)) }
        let path = try folder.write("plan.json", versions[0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<200 {
                    let next = try folder.write("next-\(round % 2)", versions[round % 2])
                    #expect(rename(next, path) == 0)
                }
            }
            group.addTask {
                for _ in 0..<200 {
                    let plan = try PlanFile.load(path)
                    #expect(plan.sha256 == hashes[plan.seed])
                }
            }
            try await group.waitForAll()
        }
    }
}
