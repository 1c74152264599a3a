import Glibc
import Reports

/// Standard output for results, standard error for everything else. Neither can stop a run: what
/// cannot be written is dropped.
enum Console {
    /// How long a reader that has set its pipe to non-blocking may let a result wait.
    static let patienceMs: Int32 = 10_000

    /// Says so when standard output did not take all of it; a reader that has had enough, as
    /// head(1) has, is no fault.
    ///
    /// - Returns: What kept it from being written, as a sentence; nil where nothing did.
    @discardableResult
    static func result(_ text: String) -> String? {
        guard !write(text, to: 1), errno != EPIPE else { return nil }
        let fault = "standard output was not written: \(String(cString: strerror(errno)))"
        say("udplab: \(fault)")
        return fault
    }

    static func say(_ text: String) { write(text + "\n", to: 2) }

    /// Says a verdict where no table has said it.
    static func say(_ verdict: VerdictLines) {
        say("udplab: " + verdict.lines.joined(separator: "\n"))
    }

    /// - Returns: Whether all of it was taken; if not, `errno` has the reason.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if wrote < 0, errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, patienceMs) > 0 else { return false }
            } else if wrote == 0 || errno != EINTR {
                return false
            }
        }
        return true
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
        if errorIsTerminal { write("\r\u{1B}[K", to: 2) }
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
