import Glibc
import Loops
import Reports
import Terminal

/// Screen and keyboard of a visitor of a room. At a terminal the line under way is kept below what
/// arrives, and a finished line disappears: the room returns it, so that it is shown once.
/// Elsewhere lines are read from standard input, and results written to standard output.
struct ChatScreen {
    private var input = LineInput()
    private var typed = TypedLine(bytesMax: ProbeLayout.maximumBytes)
    private var finished: [TypedLine.Event] = []
    /// The state of the terminal before; nil where lines are not edited here.
    private var original: termios?
    private var isEnded = false
    /// The bytes of the line under way as last shown.
    private var shown: [UInt8] = []

    /// Whether lines are edited here.
    var isEditing: Bool { original != nil }
    var isAtEnd: Bool { isEditing ? isEnded : input.isAtEnd }

    init() {
        guard isatty(0) == 1, isatty(1) == 1, tcgetpgrp(0) == getpgrp(), !Console.isPlainTerminal
        else { return }
        var state = termios()
        guard tcgetattr(0, &state) == 0 else { return }
        original = state
        takeTerminal()
    }

    /// Takes editing and echo from the terminal's driver; again after a shell gave them back, which
    /// does so when a stopped program goes on.
    private func takeTerminal() {
        var state = termios()
        let own = tcflag_t(ICANON) | tcflag_t(ECHO)
        guard isEditing, tcgetpgrp(0) == getpgrp(), tcgetattr(0, &state) == 0,
            state.c_lflag & own != 0
        else { return }
        state.c_lflag &= ~own
        // A read returns as soon as there is a byte: c_cc[VMIN] is 1, c_cc[VTIME] 0.
        withUnsafeMutableBytes(of: &state.c_cc) {
            $0[Int(VMIN)] = 1
            $0[Int(VTIME)] = 0
        }
        tcsetattr(0, TCSANOW, &state)
    }

    /// Gives the terminal back.
    mutating func close() {
        hideLine()
        if var original { tcsetattr(0, TCSADRAIN, &original) }
        original = nil
    }

    // MARK: - What is shown

    /// Shows a message of the room, above the line under way.
    mutating func show(_ message: String) { above { Console.result(message + "\n") } }

    /// Says a sentence, above the line under way.
    mutating func say(_ sentence: String) { above { Console.say(sentence) } }

    private mutating func above(_ write: () -> Void) {
        hideLine()
        write()
        showLine()
    }

    private mutating func hideLine() {
        guard isEditing, !shown.isEmpty else { return }
        Console.result("\r\u{1B}[K", isKept: true)
        shown = []
    }

    /// Shows the end of the line under way, as far as a row of the terminal has room.
    private mutating func showLine() {
        guard isEditing, !typed.bytes.isEmpty else { return }
        var text = TerminalText.escaped(typed.bytes)
        let columns = max(1, Console.outputWidth - 1)
        // A character takes at most two columns.
        if text.count > columns / 2 { text = String(text.suffix(columns / 2)) }
        Console.result(text, isKept: true)
        shown = typed.bytes
    }

    // MARK: - What is typed

    /// Returns the next line, without waiting.
    mutating func next() -> LineInput.Next {
        guard isEditing else { return input.next(waitMs: 0) }
        takeTerminal()
        if finished.isEmpty { read() }
        guard !finished.isEmpty else { return isEnded ? .end : .nothing }
        switch finished.removeFirst() {
        case .line(let line): return .line(line)
        case .end:
            isEnded = true
            return .end
        }
    }

    private mutating func read() {
        var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 1 << 10)
        let count = Glibc.read(0, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        finished += chunk.prefix(max(0, count)).compactMap { typed.take($0) }
        // A terminal that is gone reads as an end.
        if count <= 0 { finished.append(.end) }
        if typed.bytes != shown {
            hideLine()
            showLine()
        }
    }
}
