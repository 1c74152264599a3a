import Datagrams
import Reports

/// Sentences that several trials say to the author of a server.
enum Advice {
    static let replyToSender =
        "answer the address that came with the datagram (in Python: `data, sender = "
        + "sock.recvfrom(65535)`, then `sock.sendto(data, sender)`), not a fixed one"
    static let survive =
        "let no datagram end the loop: handle the error of one datagram inside the loop and go "
        + "on with the next"
    static let bytes =
        "it decodes its input as text: echo the bytes as they came, and decode only a copy, "
        + "inside a try of its own"
    static let buffer = "the receive buffer is too small; 65,535 is safe"
    static let handler =
        "its error handler repeats the step once, outside the try, so a second error in a row "
        + "ends it: put the try inside the loop (`while True: try: … except …: continue`)"
    static let reset =
        "an answer to a closed port comes back as an error of the next call (ECONNREFUSED; on "
        + "Windows WSAECONNRESET, 10054): catch it inside the loop and go on"
    static let socketBuffer =
        "ask for a larger receive buffer (SO_RCVBUF, up to net.core.rmem_max), and read in a "
        + "thread that does nothing else"
}

enum Wording {
    private static let quotedBytes = 24

    /// The start of an answer, nothing in it that a terminal would obey.
    static func quoted(_ octets: [UInt8]) -> String {
        let text = String(decoding: octets.prefix(quotedBytes), as: UTF8.self).debugDescription
        return octets.count > quotedBytes ? text + "…" : text
    }

    static func place(_ ear: any Listener) -> String {
        ear.address.isUnspecified
            ? "port \(ear.address.port) of this host" : "\(ear.address)"
    }

    /// `1,024`.
    static func count(_ value: Int) -> String { UnitText.count(value) }

    static func bytes(_ value: Int) -> String { value == 1 ? "1 byte" : "\(count(value)) bytes" }
}
