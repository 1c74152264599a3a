/// The facts in the TLVs of an answer (RFC 8972 §4), as far as they can be believed.
package struct ReturnedExtensions: Sendable, Equatable {
    /// The state of all TLVs together.
    package enum Condition: Sendable, Equatable {
        /// Each of them told its facts.
        case told
        /// U: the reflector has not understood one of them.
        case unrecognized
        /// M: the reflector has called one malformed; none behind it is read.
        case malformed
        /// I: their HMAC did not hold at the reflector, or that of the answer does not. None is
        /// read.
        case unauthentic
        /// They are not those that were sent. None is read.
        case altered
    }

    /// RFC 8972 §4.4.
    package struct ClassOfService: Sendable, Equatable {
        /// DSCP2 and ECN with which the packet arrived at the reflector, as one traffic class.
        package var trafficClass: UInt8
        /// RP is 0: the answer was sent with the codepoint that was asked for.
        package var isGranted: Bool
    }

    /// RFC 8972 §4.5: the packets that the reflector received and sent. They wrap.
    package struct Counters: Sendable, Equatable {
        package var received: UInt32
        package var sent: UInt32
    }

    package var condition = Condition.told
    package var timestamping: ReflectorTimestamping?
    package var classOfService: ClassOfService?
    package var counters: Counters?
}

extension TestPacket {
    /// Whether the packets ask a reflector for facts.
    package var asks: Bool { !extensions.isEmpty }
    package var asksClassOfService: Bool { extensions.classOfService != nil }
    package var asksCounters: Bool { extensions.directMeasurement != nil }

    /// Reads the TLVs of an answer that has the length of its packet, and whose base packet's HMAC
    /// holds. They are looked for where they were sent: a reflector returns each TLV (RFC 8972 §4).
    package func extensions(
        _ slot: UnsafeRawPointer, of answer: Answer
    ) -> ReturnedExtensions {
        var returned = ReturnedExtensions()
        guard hasElements(slot) else {
            returned.condition = .altered
            return returned
        }
        let flags = flags(slot)
        if flags.ofAny & Extensions.Flag.integrity != 0 {
            returned.condition = .unauthentic
        } else if flags.ofAll & Extensions.Flag.unrecognized != 0 {
            // A reflector without RFC 8972 returns the sender's own HMAC TLV as well.
            returned.condition = .unrecognized
        } else if !isTagged(slot) {
            returned.condition = .unauthentic
        } else {
            readValues(slot, of: answer, into: &returned)
        }
        return returned
    }

    private func hasElements(_ slot: UnsafeRawPointer) -> Bool {
        for number in 0..<SenderExtensions.elementsMost {
            guard let element = extensions.element(number) else { continue }
            guard slot.big(element.offset + 1, as: UInt8.self) == element.kind,
                Int(slot.big(element.offset + 2, as: UInt16.self)) == element.valueBytes
            else { return false }
        }
        return true
    }

    /// Returns the flags that any of the TLVs has, and those that all have.
    private func flags(_ slot: UnsafeRawPointer) -> (ofAny: UInt8, ofAll: UInt8) {
        var (ofAny, ofAll): (UInt8, UInt8) = (0, .max)
        for number in 0..<SenderExtensions.elementsMost {
            guard let element = extensions.element(number) else { continue }
            let flags = slot.big(element.offset, as: UInt8.self)
            ofAny |= flags
            ofAll &= flags
        }
        return (ofAny, ofAll)
    }

    private func readValues(
        _ slot: UnsafeRawPointer, of answer: Answer, into returned: inout ReturnedExtensions
    ) {
        for number in 0..<SenderExtensions.elementsMost {
            guard let element = extensions.element(number) else { continue }
            let flags = slot.big(element.offset, as: UInt8.self)
            if flags & Extensions.Flag.malformed != 0 {
                returned.condition = .malformed
                return
            }
            if flags & Extensions.Flag.unrecognized != 0 {
                returned.condition = .unrecognized
                continue
            }
            guard takes(element, slot, of: answer, into: &returned) else {
                returned = ReturnedExtensions(condition: .altered)
                return
            }
        }
    }

    /// Reads the value of a TLV. Returns false if the sender's part of it is another one.
    private func takes(
        _ element: SenderExtensions.Element, _ slot: UnsafeRawPointer, of answer: Answer,
        into returned: inout ReturnedExtensions
    ) -> Bool {
        let value = element.value
        switch element.kind {
        case Extensions.Kind.timestampInformation:
            returned.timestamping = ReflectorTimestamping(
                sourceIn: slot.big(value, as: UInt8.self),
                methodIn: slot.big(value + 1, as: UInt8.self),
                sourceOut: slot.big(value + 2, as: UInt8.self),
                methodOut: slot.big(value + 3, as: UInt8.self))
        case Extensions.Kind.classOfService:
            // DSCP1 6 bits · DSCP2 6 · ECN 2 · RP 2.
            let bits = slot.big(value, as: UInt16.self)
            guard UInt8(bits >> 10) == codepoint else { return false }
            returned.classOfService = ReturnedExtensions.ClassOfService(
                trafficClass: UInt8(truncatingIfNeeded: bits >> 2), isGranted: bits & 3 == 0)
        case Extensions.Kind.directMeasurement:
            guard slot.big(value, as: UInt32.self) == Self.counter(answer.senderSequence) else {
                return false
            }
            returned.counters = ReturnedExtensions.Counters(
                received: slot.big(value + 4, as: UInt32.self),
                sent: slot.big(value + 8, as: UInt32.self))
        default: break
        }
        return true
    }
}
