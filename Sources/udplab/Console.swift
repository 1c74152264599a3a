import Datagrams
import Glibc
import JSON
import Reports
import Synchronization

/// Standard output for results, standard error for everything else. Neither can stop a run, or keep
/// it from being stopped: text that cannot be written is dropped.
enum Console {
    /// The maximum wait of a result for its reader after the process was asked to stop.
    private static let lastPatienceMs: Int32 = 500
    /// The maximum wait of a sentence for its reader. Progress does not wait at all.
    private static let sentencePatienceMs: Int32 = 200
    private static let lookMs: Int32 = 50
    /// The maximum of COLUMNS that is believed.
    private static let columnsMax = 10_000
    /// The bytes that a pipe accepts without blocking if poll(2) reports it writable: PIPE_BUF.
    private static let pieceBytes = 4_096

    /// Whether a part of a result could not be written, other than to a reader that closed the
    /// pipe.
    private static let hasLostResult = Atomic<Bool>(false)

    /// The exit status of a successful verb: inconclusive if its result could not be written.
    static var passed: ExitStatus {
        hasLostResult.load(ordering: .relaxed) ? .inconclusive : .passed
    }

    /// Whether the last sentence could not be written: then further ones do not wait.
    private static let isUnread = Atomic<Bool>(false)

    /// The secrets that no text shows.
    private static let hidden = Mutex(HiddenTexts())

    /// Hides secrets in everything that is written from now on.
    static func hide(_ texts: HiddenTexts) {
        hidden.withLock { $0 = texts }
    }

    /// Writes a result to standard output, and reports on standard error if that failed; a reader
    /// that closes the pipe, as head(1) does, is no failure.
    ///
    /// - Returns: The reason of a failure, as a sentence; nil on success.
    /// - Parameter isKept: Whether the result is in a file as well, so that it is not lost.
    @discardableResult
    static func result(_ text: String, isKept: Bool = false) -> String? {
        let cause = write(text, to: 1, patienceMs: nil)
        guard let cause, cause.rawValue != EPIPE else { return nil }
        if !isKept { hasLostResult.store(true, ordering: .relaxed) }
        let fault = "standard output was not written: \(cause)"
        say("udplab: \(fault)")
        return fault
    }

    /// Writes a sentence, or lines of them, to standard error, with unprintable characters escaped.
    static func say(_ text: String) { say(styled: ShownText.of(text, keepingLines: true)) }

    /// Writes text of harmless parts and of udplab's own styles to standard error.
    static func say(styled text: String) {
        let patienceMs = isUnread.load(ordering: .relaxed) ? 0 : sentencePatienceMs
        let cause = write(text + "\n", to: 2, patienceMs: patienceMs)
        isUnread.store(cause != nil, ordering: .relaxed)
    }

    /// Shows progress: without a reader it is dropped.
    static func show(_ text: String) { _ = write(text, to: 2, patienceMs: 0) }

    /// Writes a verdict that is not part of a table.
    static func say(_ verdict: VerdictLines) {
        say("udplab: " + verdict.lines.joined(separator: "\n"))
    }

    /// Writes a text.
    /// - Parameter patienceMs: The maximum wait for the reader; nil for no limit until the process
    ///   is asked to stop.
    /// - Returns: The error that kept a part from being written; nil on success.
    private static func write(
        _ text: String, to descriptor: Int32, patienceMs: Int32?
    ) -> SystemErrno? {
        let bytes = Array(hidden.withLock { $0 }.hiding(in: text).utf8)
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
                // A stream socket accepts a piece whole or blocks, so blocking is disabled.
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

    /// Whether each standard stream is a socket, by its number.
    private static let isSocket = (0...2).map { (descriptor: Int32) -> Bool in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Whether a write would not block. If poll(2) is refused, the write is tried.
    private static func isWritable(_ descriptor: Int32, withinMs limitMs: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&entry, 1, limitMs)
        return ready > 0 || ready < 0 && errno != EINTR
    }

    /// Opens /dev/null for standard streams that are closed: otherwise the first file opened,
    /// perhaps the report, would get their number and their output.
    static func openStandardStreams() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)  // The lowest number that is free is this one.
        }
    }

    static var errorIsTerminal: Bool { isatty(2) == 1 }
    static var inputIsTerminal: Bool { isatty(0) == 1 }

    /// Clears the `^C` that a terminal shows at an interruption.
    static func clearInterrupt() {
        if errorIsTerminal { show("\r\u{1B}[K") }
    }

    /// Whether standard error, with progress and tables, has colours.
    static var wantsColor: Bool { wantsColor(2) }
    static var width: Int { width(2) }

    /// Whether standard output has colours, for a table that is the result.
    static var outputWantsColor: Bool { wantsColor(1) }
    static var outputWidth: Int { width(1) }

    /// Whether a terminal has colours. <https://no-color.org>: any value that is not empty disables
    /// them.
    private static func wantsColor(_ descriptor: Int32) -> Bool {
        guard isatty(descriptor) == 1 else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        return !isPlainTerminal
    }

    /// Whether the terminal obeys no control sequences, as that of an editor.
    static var isPlainTerminal: Bool { getenv("TERM").map { String(cString: $0) } == "dumb" }

    /// The width where there is no terminal, such as in the log of a build: a summary's row fits.
    private static let plainWidth = 100

    /// The width of a terminal: COLUMNS, if it is set, then what the terminal says.
    private static func width(_ descriptor: Int32) -> Int {
        if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)),
            (1...columnsMax).contains(columns)
        {
            return columns
        }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return isatty(descriptor) == 1 ? 80 : plainWidth
        }
        return Int(size.ws_col)
    }
}
