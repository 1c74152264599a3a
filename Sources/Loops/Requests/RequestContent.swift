import Glibc
import Load
import Metrics

/// The requests of a sender and the rules for their answers, compiled for the loop.
///
/// Memory of its own, which the maker deallocates with ``deallocate()``. Each request has a number:
/// the sequence number of the sequence window, plus the requests of the flow's warm-up, so that an
/// answer to a request of the warm-up has a number that no measured request has.
package struct RequestContent {
    enum Rule: UInt8 {
        case none, any, echo, at, containing
    }

    /// A compiled ``AnswerCheck``.
    struct Check: BitwiseCopyable {
        var at: Int
        var count: Int
        /// The places of mask and bytes in `literals`.
        var mask: Int
        var octets: Int
        var differs: Bool
    }

    /// The bytes of a wrong answer that are kept for the report.
    package static let sampleBytes = 64

    let rule: Rule
    /// The first byte of the pattern, with the rule `at`.
    let at: Int
    let pattern: PieceRange
    private let templates: CheckedMemory<PieceRange>
    private let pieces: CheckedMemory<RequestPiece>
    private let literals: CheckedMemory<UInt8>
    private let checks: CheckedMemory<Check>
    /// The number of each flow's request with sequence number 0.
    private let bases: CheckedMemory<UInt64>
    /// The eight digits of `{run:hex8}` of each flow.
    private let tags: CheckedMemory<UInt8>
    /// Room for a request, against which an echo is compared.
    private let scratch: CheckedMemory<UInt8>
    /// The beginning of the first wrong answer, and its length.
    private let sample: CheckedMemory<UInt8>
    private let sampleCount: CheckedMemory<Int>
    private let key: UInt64
    private let anchorNs: Int64

    /// - Parameters:
    ///   - firstFlow: The number of the first of them among all flows of the run.
    ///   - runID: The run, from which random content and `{run:hex8}` are derived.
    ///   - anchorNs: The difference of wall time and monotonic time.
    package init(
        _ request: RequestDefinition, flows: Int, firstFlow: Int = 0, runID: UInt64, anchorNs: Int64
    ) {
        let tag = ProbeCheck(runID: runID).runTag
        var compiler = PieceCompiler()
        let ranges = request.templates.map { compiler.add($0) }
        switch request.answer {
        case .none: (rule, at, pattern) = (.none, 0, PieceRange(first: 0, end: 0))
        case .any: (rule, at, pattern) = (.any, 0, PieceRange(first: 0, end: 0))
        case .echo: (rule, at, pattern) = (.echo, 0, PieceRange(first: 0, end: 0))
        case .at(let place, let bytes): (rule, at, pattern) = (.at, place, compiler.add(bytes))
        case .containing(let bytes): (rule, at, pattern) = (.containing, 0, compiler.add(bytes))
        }
        let compiled = request.valid.map { check in
            Check(
                at: check.at, count: check.octets.count, mask: compiler.add(check.mask),
                octets: compiler.add(check.octets), differs: check.differs)
        }
        templates = .copy(of: ranges)
        pieces = .copy(of: compiler.pieces)
        literals = .copy(of: compiler.literals)
        checks = .copy(of: compiled)
        bases = .copy(of: Array(repeating: 0, count: flows))
        // Flows of their own, so that a service that keeps state by such an id tells them apart.
        tags = .copy(
            of: (0..<flows).flatMap {
                Hexadecimal.digits(of: tag &+ UInt32(truncatingIfNeeded: firstFlow + $0))
            })
        scratch = .copy(of: Array(repeating: 0, count: max(1, request.bytesMost)))
        sample = .copy(of: Array(repeating: 0, count: Self.sampleBytes))
        sampleCount = .copy(of: [-1])
        key = runID
        self.anchorNs = anchorNs
    }

    package func deallocate() {
        templates.deallocate()
        pieces.deallocate()
        literals.deallocate()
        checks.deallocate()
        bases.deallocate()
        tags.deallocate()
        scratch.deallocate()
        sample.deallocate()
        sampleCount.deallocate()
    }

    // MARK: - Numbers

    @inline(__always)
    func number(of sequence: UInt64, flow: Int) -> UInt64 { sequence &+ bases[flow] }

    /// The number of a flow's request with sequence number 0.
    @inline(__always)
    func base(_ flow: Int) -> UInt64 { bases[flow] }

    /// Continues the numbers of the warm-up, and forgets its wrong answers.
    package func begin(afterWarmUp sent: [Int]) {
        for (flow, count) in sent.enumerated() { bases[flow] = UInt64(count) }
        sampleCount[0] = -1
    }

    // MARK: - Requests

    /// Writes the request with a number.
    /// - Returns: Its length.
    @inline(__always)
    package func write(
        _ slot: UnsafeMutableRawPointer, flow: Int, number: UInt64, stampNs: Int64
    ) -> Int {
        let turn = templates.count == 1 ? 0 : Int(number % UInt64(templates.count))
        let range = templates[turn]
        var length = 0
        for index in range.first..<range.end {
            length &+= write(
                slot + length, index, flow: flow, number: number, stampNs: stampNs)
        }
        return length
    }

    @inline(__always)
    private func write(
        _ place: UnsafeMutableRawPointer, _ index: Int, flow: Int, number: UInt64, stampNs: Int64
    ) -> Int {
        let piece = pieces[index]
        switch piece.kind {
        case .literal:
            place.copyMemory(from: literals + piece.first, byteCount: piece.count)
            return piece.count
        case .run:
            place.copyMemory(from: tag(flow), byteCount: BytePattern.Piece.runBytes)
            return BytePattern.Piece.runBytes
        case .be16:
            place.storeBytes(
                of: UInt16(truncatingIfNeeded: number).bigEndian, as: UInt16.self)
            return 2
        case .be32:
            place.storeBytes(
                of: UInt32(truncatingIfNeeded: number).bigEndian, as: UInt32.self)
            return 4
        case .decimal: return Decimal.write(number, to: place)
        case .timeMs:
            let ms = UInt64(bitPattern: stampNs &+ anchorNs) / 1_000_000
            Decimal.write(ms, to: place, digits: BytePattern.Piece.timeBytes)
            return BytePattern.Piece.timeBytes
        case .random, .randomText:
            let seed = number &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(flow) << 48 ^ UInt64(index) << 40
            RandomOctets.write(
                to: place, count: piece.count, isText: piece.kind == .randomText,
                seed: seed ^ key)
            return piece.count
        }
    }

    @inline(__always)
    private func tag(_ flow: Int) -> UnsafeMutablePointer<UInt8> {
        tags + flow &* BytePattern.Piece.runBytes
    }

    // MARK: - Answers

    /// Whether a datagram is the request with a number.
    package func isEcho(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, number: UInt64, stampNs: Int64
    ) -> Bool {
        let room = UnsafeMutableRawPointer(scratch + 0)
        guard write(room, flow: flow, number: number, stampNs: stampNs) == length else {
            return false
        }
        return memcmp(room, slot, length) == 0
    }

    /// Returns the number of the request that a datagram answers by the rule; nil if it answers
    /// none.
    /// - Parameter next: The number of the next request.
    @inline(__always)
    package func answered(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, next: UInt64
    ) -> UInt64? {
        switch rule {
        case .at: return read(slot, length: length, at: at, pattern, flow: flow, next: next)
        case .containing: return search(slot, length: length, flow: flow, next: next)
        case .echo: return echoed(slot, length: length, flow: flow, next: next)
        case .none, .any: return nil
        }
    }

    /// Returns the number in an echo: of the first template whose number is one of a request in
    /// turn with it.
    private func echoed(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, next: UInt64
    ) -> UInt64? {
        let count = UInt64(templates.count)
        for turn in 0..<templates.count {
            guard
                let number = read(
                    slot, length: length, at: 0, templates[turn], flow: flow, next: next),
                number % count == UInt64(turn)
            else { continue }
            return number
        }
        return nil
    }

    /// Returns the number of the first place at which the pattern stands.
    private func search(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, next: UInt64
    ) -> UInt64? {
        let first = pieces[pattern.first]
        let opening =
            first.kind == .literal ? Int32(literals[first.first]) : Int32(tag(flow).pointee)
        var offset = 0
        while offset < length, let found = memchr(slot + offset, opening, length - offset) {
            let place = UnsafeRawPointer(found) - slot
            if let number = read(
                slot, length: length, at: place, pattern, flow: flow, next: next)
            {
                return number
            }
            offset = place + 1
        }
        return nil
    }

    /// Returns the number in a pattern that stands at a byte; nil if the pattern does not.
    @inline(__always)
    private func read(
        _ slot: UnsafeRawPointer, length: Int, at start: Int, _ range: PieceRange, flow: Int,
        next: UInt64
    ) -> UInt64? {
        var offset = start
        var number: UInt64?
        for index in range.first..<range.end {
            let piece = pieces[index]
            let left = length &- offset
            switch piece.kind {
            case .literal:
                guard left >= piece.count,
                    memcmp(slot + offset, literals + piece.first, piece.count) == 0
                else { return nil }
                offset &+= piece.count
            case .run:
                guard left >= BytePattern.Piece.runBytes,
                    memcmp(slot + offset, tag(flow), BytePattern.Piece.runBytes) == 0
                else { return nil }
                offset &+= BytePattern.Piece.runBytes
            case .be16:
                guard left >= 2 else { return nil }
                let wire = UInt16(
                    bigEndian: slot.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
                number = Self.latest(UInt64(wire), mask: 0xffff, before: next)
                offset &+= 2
            case .be32:
                guard left >= 4 else { return nil }
                let wire = UInt32(
                    bigEndian: slot.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                number = Self.latest(UInt64(wire), mask: 0xffff_ffff, before: next)
                offset &+= 4
            case .decimal:
                guard let (value, digits) = Decimal.read(slot + offset, length: max(0, left))
                else { return nil }
                number = value
                offset &+= digits
            case .random, .randomText, .timeMs:
                // In an echo: compared as a whole, once the request is known.
                let count = piece.kind == .timeMs ? BytePattern.Piece.timeBytes : piece.count
                guard left >= count else { return nil }
                offset &+= count
            }
        }
        return number
    }

    /// Returns the latest number before `next` with these low bits; 2^64 − 1 and a little less if
    /// there is none.
    @inline(__always)
    private static func latest(_ wire: UInt64, mask: UInt64, before next: UInt64) -> UInt64 {
        next &- 1 &- ((next &- 1 &- wire) & mask)
    }

    /// Whether an answer has all properties of a right one.
    @inline(__always)
    package func isValid(_ slot: UnsafeRawPointer, length: Int) -> Bool {
        for index in 0..<checks.count {
            let check = checks[index]
            guard length >= check.at + check.count else { return false }
            var difference: UInt8 = 0
            for offset in 0..<check.count {
                let octet = slot.load(fromByteOffset: check.at + offset, as: UInt8.self)
                difference |=
                    (octet ^ literals[check.octets + offset]) & literals[check.mask + offset]
            }
            guard (difference != 0) == check.differs else { return false }
        }
        return true
    }

    // MARK: - The first wrong answer

    /// Keeps the beginning of the first wrong answer.
    func keepSample(_ slot: UnsafeRawPointer, length: Int) {
        guard sampleCount[0] < 0 else { return }
        let kept = min(length, Self.sampleBytes)
        sampleCount[0] = kept
        UnsafeMutableRawPointer(sample + 0).copyMemory(from: slot, byteCount: kept)
    }

    /// The beginning of the first wrong answer; nil without one.
    var wrongAnswer: [UInt8]? {
        guard sampleCount[0] >= 0 else { return nil }
        return (0..<sampleCount[0]).map { sample[$0] }
    }
}
