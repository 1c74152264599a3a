import ArgumentParser
import Glibc
import Loops
import Reports

/// Datagrams as text on the command line and the terminal.
enum DatagramText {
    /// Returns the bytes of typed text: two hexadecimal digits per byte, or those of an encoding,
    /// which is UTF-8 if it is nil.
    static func octets(
        _ text: some Collection<UInt8>, isHex: Bool = false, in encoding: TextEncoding?
    ) throws(ValidationError) -> [UInt8] {
        var octets: [UInt8]
        do throws(TextEncoding.Fault) {
            octets = try encoding?.encoded(text) ?? Array(text)
        } catch {
            throw ValidationError("\(error)")
        }
        if isHex { octets = try hexadecimal(text) }
        guard octets.count <= ProbeLayout.maximumBytes else {
            throw ValidationError(
                "\(UnitText.count(octets.count)) B are more than a datagram holds: "
                    + "\(UnitText.count(ProbeLayout.maximumBytes)) B at most")
        }
        return octets
    }

    /// Returns the bytes of words of the command line, with a space between them. Swift replaces
    /// invalid UTF-8 in arguments: such a word is read from the kernel's arguments.
    static func typed(_ words: [String]) -> [UInt8] {
        var index = 0
        let words = words.map { word in
            guard word.unicodeScalars.contains("\u{FFFD}") else { return Array(word.utf8) }
            while index < CommandLine.argc {
                defer { index += 1 }
                guard let raw = CommandLine.unsafeArgv[Int(index)] else { break }
                if String(cString: raw) == word {
                    return Array(UnsafeRawBufferPointer(start: raw, count: strlen(raw)))
                }
            }
            return Array(word.utf8)
        }
        return Array(words.joined(separator: [UInt8(ascii: " ")]))
    }

    private static func hexadecimal(
        _ text: some Collection<UInt8>
    ) throws(ValidationError) -> [UInt8] {
        let digits = text.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }
            .compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        let spaces = text.count { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
        guard digits.count + spaces == text.count, digits.count.isMultiple(of: 2) else {
            throw ValidationError(
                "--hex takes two digits per octet, such as 68656C6C6F or \"68 65 6c 6c 6f\"")
        }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    /// Returns the content of a datagram for a terminal.
    static func shown(
        _ octets: some Collection<UInt8>, isHex: Bool, in encoding: TextEncoding?
    ) -> String {
        if octets.isEmpty { return "(empty)" }
        if isHex { return TerminalText.hexadecimal(octets) }
        return encoding?.escaped(octets) ?? TerminalText.escaped(octets)
    }

    /// Returns the beginning of a datagram's content, up to the width of a line; the rest is not
    /// read.
    static func beginning(_ octets: some Collection<UInt8>, width: Int) -> String {
        let isWhole = octets.count <= width
        let text = TerminalText.elided(
            shown(octets.prefix(width), isHex: false, in: nil), to: width)
        return isWhole ? text : text + " … (\(UnitText.count(octets.count)) B)"
    }
}
