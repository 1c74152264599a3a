import Datagrams
import Load
import Loops

/// The request that a battery asks in place of a text that is echoed.
///
/// It is used by the battery's own thread alone.
final class AskedRequest {
    let definition: RequestDefinition
    private let content: RequestContent
    /// The send times of the requests that have one in them, with which an echo is compared.
    private var stampsNs: [UInt64: Int64] = [:]
    private let hasTimes: Bool
    /// The number above all that were asked.
    private var next: UInt64 = 1

    init(_ definition: RequestDefinition) {
        self.definition = definition
        hasTimes = definition.templates.contains { $0.pieces.contains(.timeMs) }
        content = RequestContent(
            definition, flows: 1, runID: UInt64.random(in: 1...UInt64.max),
            anchorNs: WallTime.anchorNs())
    }

    deinit { content.deallocate() }

    /// Returns the request with a number.
    func octets(_ number: Int) -> [UInt8] {
        let number = UInt64(number)
        next = max(next, number + 1)
        let stampNs = stampsNs[number] ?? LinuxClock().nowNs()
        if hasTimes { stampsNs[number] = stampNs }
        return [UInt8](unsafeUninitializedCapacity: definition.bytesMost) { room, count in
            guard let start = room.baseAddress else { return }
            count = content.write(
                UnsafeMutableRawPointer(start), flow: 0, number: number, stampNs: stampNs)
        }
    }

    /// Returns the number of the request that a datagram answers; nil if it answers none. Without
    /// a number in the answers it is the last one.
    func number(_ octets: some Collection<UInt8>) -> Int? {
        let number =
            definition.isOneAtATime
            ? next - 1
            : Array(octets).withUnsafeBytes { bytes in
                bytes.baseAddress.flatMap {
                    content.answered($0, length: bytes.count, flow: 0, next: next)
                }
            }
        guard let number, number > 0, number < next else { return nil }
        return Int(number)
    }

    /// Whether the answer to a request is what was asked for.
    func isRight(_ octets: [UInt8], number: Int) -> Bool {
        octets.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return definition.valid.isEmpty }
            guard content.isValid(start, length: bytes.count) else { return false }
            return definition.answer != .echo
                || content.isEcho(
                    start, length: bytes.count, flow: 0, number: UInt64(number),
                    stampNs: stampsNs[UInt64(number)] ?? 0)
        }
    }
}
