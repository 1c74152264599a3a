/// A TLV with which a Session-Sender asks a reflector for facts (RFC 8972 §4).
package enum RequestedExtension: String, Codable, Sendable, CaseIterable {
    case timestampInformation = "timestamp-information"
    case classOfService = "class-of-service"
    case directMeasurement = "direct-measurement"

    fileprivate var valueBytes: Int { self == .directMeasurement ? 12 : 4 }
}

/// The places of the TLVs in a sender's packets, in bytes, which are those in the answers:
///
///     base                      44, authenticated 112
///     timestamp information      8   ·  RFC 8972 §4.3, if it is asked for
///     class of service           8   ·  §4.4
///     direct measurement        16   ·  §4.5
///     HMAC                      20   ·  §4.8, in authenticated mode, behind any of these
///     extra padding              4 and more, up to the packet's length  ·  §4.1
struct SenderExtensions: Sendable {
    /// One TLV.
    struct Element {
        var offset: Int
        var kind: UInt8
        var valueBytes: Int
        var value: Int { offset + Extensions.headBytes }
    }

    /// The most TLVs but padding.
    static let elementsMost = 4

    let base: Int
    private(set) var timestampInformation: Int?
    private(set) var classOfService: Int?
    private(set) var directMeasurement: Int?
    private(set) var hmac: Int?
    /// The place of the padding, and the smallest length of a packet.
    private(set) var end: Int

    init(_ asked: [RequestedExtension], isAuthenticated: Bool) {
        base = PacketLayout(isAuthenticated: isAuthenticated).baseBytes
        end = base
        timestampInformation = take(.timestampInformation, of: asked)
        classOfService = take(.classOfService, of: asked)
        directMeasurement = take(.directMeasurement, of: asked)
        guard isAuthenticated, end > base else { return }
        hmac = end
        end += Extensions.headBytes + AuthenticationTag.bytes
    }

    private mutating func take(
        _ one: RequestedExtension, of asked: [RequestedExtension]
    ) -> Int? {
        guard asked.contains(one) else { return nil }
        defer { end += Extensions.headBytes + one.valueBytes }
        return end
    }

    /// Whether nothing is asked for.
    var isEmpty: Bool { end == base }

    /// Returns a TLV by its number below ``elementsMost``; nil if the packets do not have it.
    func element(_ number: Int) -> Element? {
        switch number {
        case 0: Self.element(timestampInformation, Extensions.Kind.timestampInformation, 4)
        case 1: Self.element(classOfService, Extensions.Kind.classOfService, 4)
        case 2: Self.element(directMeasurement, Extensions.Kind.directMeasurement, 12)
        default: Self.element(hmac, Extensions.Kind.hmac, AuthenticationTag.bytes)
        }
    }

    private static func element(_ offset: Int?, _ kind: UInt8, _ valueBytes: Int) -> Element? {
        guard let offset else { return nil }
        return Element(offset: offset, kind: kind, valueBytes: valueBytes)
    }

    /// Writes the heads of all TLVs but padding.
    func prepare(_ slot: UnsafeMutableRawPointer) {
        for number in 0..<Self.elementsMost {
            guard let element = element(number) else { continue }
            Self.writeHead(
                slot + element.offset, kind: element.kind, valueBytes: element.valueBytes)
        }
    }

    /// Writes the head of a TLV. A sender sets U in each (RFC 8972 §4).
    static func writeHead(_ place: UnsafeMutableRawPointer, kind: UInt8, valueBytes: Int) {
        place.put(Extensions.Flag.unrecognized, at: 0)
        place.put(kind, at: 1)
        place.put(UInt16(valueBytes), at: 2)
    }
}
