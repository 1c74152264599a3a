import Workers

/// The bounds of a worker's supervision. Every queue, line and wait has one.
package struct WorkerLimits: Sendable {
    /// The maximum length of a control line in bytes: a longer message is sent in pieces.
    package var lineBytes = WorkerProtocol.lineBytesLimit
    /// The maximum number of unread messages; more are a protocol violation.
    package var messagesUnread = 64
    /// The maximum number of lines that wait to be written to a worker that does not read.
    package var linesUnwritten = 64
    /// The time limit for the spawn. swift-subprocess 1.0 waits forever for a thread that it could
    /// not start.
    package var startDeadline = Duration.seconds(30)
    /// The time limit for writing one line.
    package var sendDeadline = Duration.seconds(20)
    /// The time from the closing of the standard input to SIGTERM.
    package var stopGrace = Duration.seconds(1)
    /// The time from SIGTERM to SIGKILL.
    package var terminateGrace = Duration.seconds(1)
    /// The number of lines of standard error kept for the message about a failure.
    package var diagnosticLinesKept = 20
    /// The maximum length of a line of standard error in bytes.
    package var diagnosticLineBytes = 4096
    /// The maximum number of lines of standard error passed on; later ones are only counted.
    package var diagnosticLinesForwarded = 1000

    package init() {}
}
