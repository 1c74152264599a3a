import Datagrams
import Glibc
import Subprocess

/// What to start as a worker, and what it may say.
package struct WorkerSpecification: Sendable {
    /// What becomes of a worker's standard output.
    package enum Output: Sendable {
        /// Control messages, one JSON object a line; anything else is a protocol error.
        case messages(WorkerVocabulary)
        /// Text for people, kept and passed on like standard error: for a user's own program.
        case diagnostics
    }

    /// This program, whatever its file is called now and even if that was replaced by a build:
    /// proc(5), `/proc/self/exe`; where there is no /proc, the path that it was started by.
    package static let thisProgram =
        access(ownImage, X_OK) == 0 ? ownImage : ProcessArguments.programPath ?? ownImage
    private static let ownImage = "/proc/self/exe"

    /// The name in messages and reports, such as `sender calls`.
    package var name: String
    /// A path, or a name to look up in `PATH`.
    package var executable: String
    package var arguments: [String]
    /// Variables set on top of the runner's own.
    package var environment: [String: String] = [:]
    package var output: Output
    package var limits = WorkerLimits()
    /// Called with every event message, on the task that reads: it has to return at once.
    package var onEvent: @Sendable (WorkerMessage) -> Void = { _ in }
    /// Called with every line of standard error, likewise.
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

    /// What swift-subprocess needs. It makes its pipes close-on-exec, closes every other
    /// descriptor in the child and resets the child's signals; so no worker can hold another
    /// worker's pipe open, and end-of-file comes through when the runner dies.
    ///
    /// A process group of its own keeps Ctrl-C on the terminal for the runner alone, and lets an
    /// end reach whatever a user's program has started in turn.
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

    /// `/proc/self/exe` would be a poor name in a process list.
    private var argumentZero: String {
        executable == Self.thisProgram ? "udplab" : executable
    }
}
