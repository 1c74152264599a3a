import Glibc

/// Encoding of text, such as GBK, by the converter of the C library (iconv(3)).
package final class TextEncoding {
    /// A character that an encoding does not have, or text that is no UTF-8.
    package struct Fault: Error, CustomStringConvertible {
        let name: String
        let character: String?

        package var description: String {
            character.map { "\(name) has no \"\(TerminalText.harmless($0))\"" }
                ?? "what was typed is no UTF-8, and so cannot be converted to \(name)"
        }
    }

    private let name: String
    private let decoder: iconv_t
    private let encoder: iconv_t

    /// Opens an encoding; nil if the C library does not know it. Suffixes such as `//IGNORE`, with
    /// which bytes would be lost, are no names.
    package init?(_ name: String) {
        guard !name.isEmpty, !name.contains("/"),
            let decoder = Self.converter(to: "UTF-32LE", from: name)
        else { return nil }
        guard let encoder = Self.converter(to: name, from: "UTF-8") else {
            iconv_close(decoder)
            return nil
        }
        (self.name, self.decoder, self.encoder) = (name, decoder, encoder)
    }

    deinit {
        iconv_close(decoder)
        iconv_close(encoder)
    }

    private static func converter(to: String, from: String) -> iconv_t? {
        let converter = iconv_open(to, from)
        return converter == iconv_t(bitPattern: -1) ? nil : converter
    }

    /// Returns received bytes as text that cannot control a terminal, as `TerminalText.escaped`
    /// does with UTF-8: the characters are escaped after they are decoded, and bytes that stand for
    /// none are shown as `\xFF`.
    package func escaped(_ octets: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        decode(Array(octets)) { scalar, octet in
            if let scalar { TerminalText.append(scalar, to: &text) }
            if let octet { TerminalText.append(octet: octet, to: &text) }
        }
        return String(text)
    }

    /// Returns the text of received bytes; nil if a byte stands for no character, or a character is
    /// not harmless to a terminal once JSON has escaped it.
    package func plainInJSON(_ octets: some Collection<UInt8>) -> String? {
        var text = String.UnicodeScalarView()
        var isWhole = true
        decode(Array(octets)) { scalar, _ in
            if let scalar { text.append(scalar) } else { isWhole = false }
        }
        let string = String(text)
        return isWhole && TerminalText.isPlainInJSON(string.utf8) ? string : nil
    }

    /// Returns the bytes of typed text, which is UTF-8.
    package func encoded(_ octets: some Collection<UInt8>) throws(Fault) -> [UInt8] {
        let octets = Array(octets)
        var encoded: [UInt8] = []
        var faultAt: Int?
        Self.convert(encoder, octets) {
            encoded += $0
        } fault: {
            faultAt = $0
            return false
        }
        guard let faultAt else { return encoded }
        let text = String(decoding: octets[faultAt...], as: UTF8.self)
        let isText = String(decoding: octets, as: UTF8.self).utf8.elementsEqual(octets)
        throw Fault(name: name, character: isText ? text.first.map { String($0) } : nil)
    }

    /// Calls `take` with each character, or with each byte that is none.
    private func decode(_ octets: [UInt8], _ take: (Unicode.Scalar?, UInt8?) -> Void) {
        Self.convert(decoder, octets) { output in
            for index in stride(from: 0, to: output.count, by: 4) {
                let value = UInt32(
                    littleEndian: output.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                take(Unicode.Scalar(value) ?? "\u{FFFD}", nil)
            }
        } fault: { index in
            take(nil, octets[index])
            return true
        }
    }

    private static let outputBytes = 1 << 12

    /// Converts bytes.
    /// - Parameters:
    ///   - output: Called with each part of the result.
    ///   - fault: Called with the place of a byte that cannot be converted; returns whether to go
    ///     on behind it.
    private static func convert(
        _ converter: iconv_t, _ octets: [UInt8], output: (UnsafeRawBufferPointer) -> Void,
        fault: (Int) -> Bool
    ) {
        var input = octets.map { CChar(bitPattern: $0) }
        var result = [CChar](repeating: 0, count: outputBytes)
        // Back to the initial shift state, whatever the last text left.
        iconv(converter, nil, nil, nil, nil)
        input.withUnsafeMutableBufferPointer { input in
            var place = input.baseAddress
            var left = input.count
            while true {
                // Without input the sequence that returns to the initial shift state is written.
                let isLast = left == 0
                var errorNumber: Int32 = 0
                result.withUnsafeMutableBufferPointer { result in
                    var end = result.baseAddress
                    var room = result.count
                    let status =
                        isLast
                        ? iconv(converter, nil, nil, &end, &room)
                        : iconv(converter, &place, &left, &end, &room)
                    if status == -1 { errorNumber = errno }
                    output(
                        UnsafeRawBufferPointer(
                            rebasing: UnsafeRawBufferPointer(result)[..<(result.count - room)]))
                }
                if errorNumber == 0 || errorNumber == E2BIG {
                    if isLast, errorNumber == 0 { return }
                    continue
                }
                // EILSEQ, or EINVAL for a sequence that the end cuts off.
                guard left > 0, fault(octets.count - left), let next = place else { return }
                place = next + 1
                left -= 1
            }
        }
    }
}
