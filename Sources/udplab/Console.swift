import Datagrams
import Glibc
import JSON
import Reports
import Synchronization

/// Standard output for results, standard error for everything else. Neither can stop a run, or
/// keep it from being stopped: what cannot be written is dropped.
enum Console {
    /// How long a result waits for its reader once the process is asked to stop.
    private static let lastPatienceMs: Int32 = 500
    /// How long a sentence waits for its reader. Progress does not wait at all.
    private static let sentencePatienceMs: Int32 = 200
    private static let lookMs: Int32 = 50
    /// What a pipe takes without waiting when poll(2) says that it takes something: PIPE_BUF.
    private static let pieceBytes = 4_096

    /// Whether a part of a result was not written, other than to a reader that has had enough.
    private static let hasLostResult = Atomic<Bool>(false)

    /// The exit status of a verb that ends well: nobody has what it was asked for where its result
    /// was not written.
    static var passed: ExitStatus {
        hasLostResult.load(ordering: .relaxed) ? .inconclusive : .passed
    }

    /// Whether the last sentence found no reader: then no other waits for one.
    private static let isUnread = Atomic<Bool>(false)

    /// Says so when standard output did not take all of it; a reader that has had enough, as
    /// head(1) has, is no fault.
    ///
    /// - Returns: What kept it from being written, as a sentence; nil where nothing did.
    /// - Parameter isKept: Whether it is in a file as well: then nothing is lost with it.
    @discardableResult
    static func result(_ text: String, isKept: Bool = false) -> String? {
        let cause = write(text, to: 1, patienceMs: nil)
        guard let cause, cause.rawValue != EPIPE else { return nil }
        if !isKept { hasLostResult.store(true, ordering: .relaxed) }
        let fault = "standard output was not written: \(cause)"
        say("udplab: \(fault)")
        return fault
    }

    /// Says a sentence, or lines of them, with what a terminal would obey escaped.
    static func say(_ text: String) { say(styled: ShownText.of(text, keepingLines: true)) }

    /// Says what is made of harmless parts, and of styles of udplab's own.
    static func say(styled text: String) {
        let patienceMs = isUnread.load(ordering: .relaxed) ? 0 : sentencePatienceMs
        let cause = write(text + "\n", to: 2, patienceMs: patienceMs)
        isUnread.store(cause != nil, ordering: .relaxed)
    }

    /// Shows what the next moment makes old: where nobody reads it is left out.
    static func show(_ text: String) { _ = write(text, to: 2, patienceMs: 0) }

    /// Says a verdict where no table has said it.
    static func say(_ verdict: VerdictLines) {
        say("udplab: " + verdict.lines.joined(separator: "\n"))
    }

    /// - Parameter patienceMs: How long to wait for the reader; nil for as long as the process is
    ///   not asked to stop.
    /// - Returns: What kept a part of it from being written; nil where all of it was.
    private static func write(
        _ text: String, to descriptor: Int32, patienceMs: Int32?
    ) -> SystemErrno? {
        let bytes = Array(text.utf8)
        var done = 0
        var waitedMs: Int32 = 0
        while done < bytes.count {
            guard isWritable(descriptor, withinMs: patienceMs == 0 ? 0 : lookMs) else {
                waitedMs = min(waitedMs + lookMs, 1_000_000)
                let limitMs =
                    patienceMs ?? (ProcessControl.isStopRequested ? lastPatienceMs : .max)
                guard waitedMs < limitMs else { return .tryAgain }
                continue
            }
            let wrote = bytes[done...].prefix(pieceBytes).withUnsafeBytes {
                // A stream socket takes all of a piece or waits: it is asked not to.
                isSocket[Int(descriptor)]
                    ? send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
                    : Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if wrote > 0 {
                done += wrote
                waitedMs = 0
            } else if wrote == 0 || errno != EINTR && errno != EAGAIN {
                return SystemErrno(rawValue: wrote == 0 ? EIO : errno)
            }
        }
        return nil
    }

    /// By the number of the standard stream.
    private static let isSocket = (0...2).map { (descriptor: Int32) -> Bool in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Whether a write would not wait. Where the host does not say, it is tried.
    private static func isWritable(_ descriptor: Int32, withinMs limitMs: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&entry, 1, limitMs)
        return ready > 0 || ready < 0 && errno != EINTR
    }

    /// Gives /dev/null to those of the standard streams that came closed: else the first file
    /// that is opened, the report perhaps, would get their number and what is printed to them.
    static func openStandardStreams() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)  // The lowest number that is free is this one.
        }
    }

    static var errorIsTerminal: Bool { isatty(2) == 1 }
    static var inputIsTerminal: Bool { isatty(0) == 1 }

    /// Makes room for the last words: a terminal has shown the `^C` that asked for them.
    static func clearInterrupt() {
        if errorIsTerminal { show("\r\u{1B}[K") }
    }

    /// Of standard error, where progress and tables go.
    static var wantsColor: Bool { wantsColor(2) }
    static var width: Int { width(2) }

    /// Of standard output, for a table that is the result.
    static var outputWantsColor: Bool { wantsColor(1) }
    static var outputWidth: Int { width(1) }

    /// <https://no-color.org>: any value that is not empty.
    private static func wantsColor(_ descriptor: Int32) -> Bool {
        guard isatty(descriptor) == 1 else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let term = getenv("TERM"), String(cString: term) == "dumb" { return false }
        return true
    }

    private static func width(_ descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
