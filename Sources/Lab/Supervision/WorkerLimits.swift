import Workers

/// The bounds of one worker's supervision. Every queue, line and wait has one.
package struct WorkerLimits: Sendable {
    /// The longest control line in bytes: a message that is longer comes in pieces.
    package var lineBytes = WorkerProtocol.lineBytesLimit
    /// Messages that may lie unread before the worker counts as babbling.
    package var messagesUnread = 64
    /// Lines that may wait to be written to a worker that does not read.
    package var linesUnwritten = 64
    /// How long the process may take to exist. swift-subprocess 1.0 waits for ever for a thread
    /// that it could not have.
    package var startDeadline = Duration.seconds(30)
    /// How long one line may take to be written.
    package var sendDeadline = Duration.seconds(20)
    /// From the closing of its standard input to SIGTERM.
    package var stopGrace = Duration.seconds(1)
    /// From SIGTERM to SIGKILL.
    package var terminateGrace = Duration.seconds(1)
    /// Lines of standard error kept for the message about a failure.
    package var diagnosticLinesKept = 20
    /// Where a line of standard error is cut, in bytes.
    package var diagnosticLineBytes = 4096
    /// Lines of standard error passed on; later ones are only counted.
    package var diagnosticLinesForwarded = 1000

    package init() {}
}
