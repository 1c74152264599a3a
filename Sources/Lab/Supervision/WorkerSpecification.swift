import Datagrams
import Glibc
import Subprocess

/// The program to start as a worker, and the messages that it may send.
package struct WorkerSpecification: Sendable {
    /// The handling of a worker's standard output.
    package enum Output: Sendable {
        /// Control messages, one JSON object per line; anything else is a protocol error.
        case messages(WorkerVocabulary)
        /// Lines of another protocol. Called with each, without its line feed, on the reading task:
        /// it has to return at once, and throws for a line that is none of the protocol.
        case lines(@Sendable ([UInt8]) throws(WorkerProtocolViolation) -> Void)
        /// Text, kept and passed on like standard error: for a user's own program.
        case diagnostics
    }

    /// This program, whatever the current name of its file and even if the file was replaced by a
    /// build: proc(5), `/proc/self/exe`; without /proc, the path by which it was started.
    package static let thisProgram =
        access(ownImage, X_OK) == 0 ? ownImage : ProcessArguments.programPath ?? ownImage
    private static let ownImage = "/proc/self/exe"

    /// The name in messages and reports, such as `sender calls`.
    package var name: String
    /// The path, or a name to look up in `PATH`.
    package var executable: String
    package var arguments: [String]
    /// The variables set in addition to the runner's own.
    package var environment: [String: String] = [:]
    package var output: Output
    package var limits = WorkerLimits()
    /// Called with every event message, on the reading task: it has to return at once.
    package var onEvent: @Sendable (WorkerMessage) -> Void = { _ in }
    /// Called with every line of standard error, on the reading task: it has to return at once.
    package var onDiagnostic: @Sendable (String) -> Void = { _ in }

    package init(
        name: String, executable: String = Self.thisProgram, arguments: [String],
        output: Output = .messages(.worker)
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.output = output
    }

    /// The configuration for swift-subprocess, which makes its pipes close-on-exec, closes every
    /// other descriptor in the child and resets the child's signals; so no worker can hold another
    /// worker's pipe open, and end-of-file arrives when the runner exits.
    ///
    /// With a process group of its own, Ctrl-C on the terminal reaches only the runner, and a
    /// signal to the group reaches the children of a user's program.
    var configuration: Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        let added = environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
        return Configuration(
            executable: executable.contains("/") ? .path(.init(executable)) : .name(executable),
            arguments: Arguments(executablePathOverride: argumentZero, remainingValues: arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: added)),
            platformOptions: options)
    }

    /// The name in process lists, because `/proc/self/exe` would be a poor one.
    private var argumentZero: String {
        executable == Self.thisProgram ? "udplab" : executable
    }
}
