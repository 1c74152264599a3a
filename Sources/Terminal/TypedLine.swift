/// Line under way at a terminal, which is edited here instead of by the terminal's driver: only so
/// can a message that arrives in mid-line be shown above it. Bytes are those of UTF-8.
///
/// The keys are those of the driver (termios(3)): return ends the line, backspace takes back a
/// character, Ctrl-W a word, Ctrl-U all; Ctrl-D on an empty line ends the input.
package struct TypedLine {
    package enum Event: Equatable, Sendable {
        case line([UInt8])
        case end
    }

    private enum Escape { case none, begun, parameters }

    /// The maximum length in bytes; what is typed beyond it is dropped.
    private let bytesMax: Int
    package private(set) var bytes: [UInt8] = []
    private var escape = Escape.none

    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Takes a typed byte.
    package mutating func take(_ byte: UInt8) -> Event? {
        if isOfEscape(byte) { return nil }
        switch byte {
        case 0x0A, 0x0D:
            defer { bytes = [] }
            return .line(bytes)
        case 0x04: return bytes.isEmpty ? .end : nil
        case 0x08, 0x7F: removeCharacter()
        case 0x15: bytes = []
        case 0x17: removeWord()
        case 0x1B: escape = .begun
        case 0x09, 0x20...: if bytes.count < bytesMax { bytes.append(byte) }
        default: break
        }
        return nil
    }

    /// Whether a byte continues the escape sequence of a key, such as an arrow, which is ignored:
    /// ECMA-48 §5.4, CSI, and SS3.
    private mutating func isOfEscape(_ byte: UInt8) -> Bool {
        switch escape {
        case .none: return false
        case .begun:
            escape = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") ? .parameters : .none
        case .parameters: if (0x40...0x7E).contains(byte) { escape = .none }
        }
        return true
    }

    private mutating func removeCharacter() {
        let text = String(decoding: bytes, as: UTF8.self)
        // Where the bytes are no UTF-8 a byte is a character.
        let last = text.utf8.elementsEqual(bytes) ? text.last?.utf8.count ?? 0 : 1
        bytes.removeLast(min(last, bytes.count))
    }

    private mutating func removeWord() {
        while bytes.last == 0x20 { bytes.removeLast() }
        while let last = bytes.last, last != 0x20 { bytes.removeLast() }
    }
}
