import Glibc
import Plans
import Subprocess
import SystemPackage

/// Copies this program to another host, by the words that start a program there.
package struct ProgramCopy: Sendable {
    private let definition: HostDefinition

    package init(to definition: HostDefinition) { self.definition = definition }

    /// The characters of a path that no shell on the way to the host reads as anything else: ssh(1)
    /// has one interpret the words, and other launchers have none.
    private static func isPlain(_ path: String) -> Bool {
        !path.isEmpty && path.first != "-"
            && path.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || "0123456789._/+-".unicodeScalars.contains($0))
            }
    }

    /// Puts the program in place, whole or not at all: it is written beside its place first.
    /// - Throws: `StartError` if the path is none to write to, or a command failed there.
    package func put() async throws {
        let path = definition.program
        guard path.contains("/") else {
            throw StartError(
                "host \"\(definition.name)\" has no path of udplab: say \"udplab\": \"/PATH/udplab\" "
                    + "at the host in the plan, where the program is to be")
        }
        guard Self.isPlain(path) else {
            throw StartError(
                "the path of udplab on host \"\(definition.name)\" has characters that a shell may "
                    + "read otherwise: use letters, digits and . _ / + - alone")
        }
        let part = "\(path).part"
        try await command(["dd", "of=\(part)", "bs=65536"], from: "/proc/self/exe")
        try await command(["chmod", "755", part])
        try await command(["mv", "-f", part, path])
    }

    /// Runs a command on the host.
    /// - Parameter input: The file that it reads.
    private func command(_ words: [String], from input: String = "/dev/null") async throws {
        let all = definition.launch + words
        let file = try FileDescriptor.open(FilePath(input), .readOnly)
        let result = try await Subprocess.run(
            .name(all[0]), arguments: Arguments(Array(all.dropFirst())),
            input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .discarded,
            error: .string(limit: Self.errorBytes))
        guard result.terminationStatus.isSuccess else {
            let said = result.standardError.split(separator: "\n").last.map { ": \($0)" }
            throw StartError(
                "host \"\(definition.name)\": \"\(all.joined(separator: " "))\" failed\(said ?? "")"
            )
        }
    }

    private static let errorBytes = 64 << 10
}
