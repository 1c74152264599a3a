import Glibc

/// Standard output for results, standard error for everything else. Neither can stop a run: what
/// cannot be written is dropped.
enum Console {
    static func result(_ text: String) { write(text, to: 1) }

    static func say(_ text: String) { write(text + "\n", to: 2) }

    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if wrote == 0 || errno != EINTR {
                return
            }
        }
    }

    static var errorIsTerminal: Bool { isatty(2) == 1 }

    /// <https://no-color.org>: any value that is not empty.
    static var wantsColor: Bool {
        guard errorIsTerminal else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let term = getenv("TERM"), String(cString: term) == "dumb" { return false }
        return true
    }

    static var width: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
