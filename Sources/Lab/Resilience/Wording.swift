import Datagrams
import Reports

/// Phrases for the observations of trials.
enum Wording {
    private static let quotedBytes = 24

    /// Returns the start of an answer, without characters that control a terminal.
    static func quoted(_ octets: [UInt8]) -> String {
        let text = String(decoding: octets.prefix(quotedBytes), as: UTF8.self).debugDescription
        return octets.count > quotedBytes ? text + "…" : text
    }

    static func place(_ ear: any Listener) -> String {
        ear.address.isUnspecified
            ? "port \(ear.address.port) of this host" : "\(ear.address)"
    }

    /// Returns a number as `1,024`.
    static func count(_ value: Int) -> String { UnitText.count(value) }

    static func bytes(_ value: Int) -> String { value == 1 ? "1 byte" : "\(count(value)) bytes" }

    /// Returns sizes as `512, 1,024 and 9,000 bytes`.
    static func bytes(_ values: [Int]) -> String {
        guard let last = values.last, values.count > 1 else { return bytes(values.first ?? 0) }
        return values.dropLast().map(count).joined(separator: ", ") + " and \(bytes(last))"
    }
}
