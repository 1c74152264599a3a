import Datagrams

@testable import Loops

/// One datagram of a script that an input stands for: anything at all, or a probe with its check in
/// order and whatever header the input has, which a random search would never find.
struct WireStep {
    var octets: [UInt8]
    /// Which flow or source it is of.
    var source: Int
    /// After the one before.
    var pauseNs: Int64
    var trafficClass: UInt8 = 0
    var hopLimit: UInt8 = 64

    /// No run needs more.
    static let most = 64

    ///     kind  u8   bits 0 to 2: 0 raw, 1 raw and long, else a probe · bits 3 to 4: the source
    ///                bit 5: bytes are altered · bit 6: the end is cut off · bit 7: a pause of ms
    ///     pause u8   in µs or ms
    static func script(_ input: inout InputReader, _ wire: Wire) -> [WireStep] {
        var steps: [WireStep] = []
        while !input.isEmpty, steps.count < most {
            let kind = input.byte()
            let pause = Int64(input.byte()) * (kind & 0x80 == 0 ? 1_000 : 1_000_000)
            var octets: [UInt8]
            switch kind & 7 {
            case 0: octets = input.octets(Int(input.byte()))
            case 1:
                octets = [UInt8](repeating: input.byte(), count: Int(input.integer(UInt16.self)))
            default: octets = wire.probe(&input)
            }
            if kind & 0x20 != 0, !octets.isEmpty {
                octets[Int(input.byte()) % octets.count] ^= input.byte()
            }
            if kind & 0x40 != 0 { octets.removeLast(Int(input.byte()) % (octets.count + 1)) }
            steps.append(
                WireStep(
                    octets: octets, source: Int(kind >> 3 & 3), pauseNs: pause,
                    trafficClass: kind & 0x87 == 0x80 ? 12 : 0,
                    hopLimit: kind & 0x87 == 0x81 ? 1 : 64))
        }
        return steps
    }
}

/// What the probes of a run have in common, and how an input says what differs.
struct Wire {
    static let runID: UInt64 = 0x1234_5678_9abc_def1
    static let anchorNs: Int64 = 700_000_000_000_000_000
    static let firstSession: UInt16 = 7

    let payloadBytes: Int
    let firstSequence: UInt64

    init(_ input: inout InputReader) {
        payloadBytes = input.choice([16, 20, 24, 28, 44, 64, 100])
        firstSequence = input.choice([0, 1 << 32 - 5, 1 << 40, 1 << 62 - 1 << 20])
    }

    var layout: ProbeLayout {
        ProbeLayout(payloadBytes: payloadBytes, runID: Self.runID, anchorNs: Self.anchorNs)
    }

    ///     form u8    bit 0: sent at any time, else shortly after the start · bit 1: any number
    ///     session i8, number i16 or i64, time u16 or i64
    func probe(_ input: inout InputReader) -> [UInt8] {
        let form = input.byte()
        let session = Self.firstSession &+ UInt16(truncatingIfNeeded: input.integer(Int8.self))
        let number =
            form & 2 == 0 ? Int64(input.integer(Int16.self)) : input.integer(Int64.self)
        let sentNs =
            form & 1 == 0
            ? SimulatedClock.startNs + Int64(input.integer(UInt16.self)) * 1_000
            : input.integer(Int64.self)
        var octets = [UInt8](repeating: 0, count: payloadBytes)
        octets.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            layout.prepare(base)
            layout.write(
                base, session: session,
                sequence: firstSequence &+ UInt64(bitPattern: number), sentNs: sentNs)
        }
        return octets
    }
}
