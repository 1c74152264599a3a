import Datagrams
import Glibc

/// An answer, and the address at which it arrived.
struct Answer {
    enum Place: Equatable {
        case asker
        /// The fixed address to which the server sends.
        case ear
        /// The battery's first peer, which had not asked.
        case regular
    }

    let octets: [UInt8]
    let source: SocketAddress?
    let place: Place
    let tookNs: Int64
}

/// Questions, one at a time.
extension Bench {
    /// The length of a plain question.
    static let plainBytes = 32

    /// The time for answers to earlier datagrams, before a question whose answer has no number.
    private static let settleNs: Int64 = 20 * millisecondNs

    /// The number of further attempts with a server that leaves questions unanswered anyway.
    static let moreForgetful = 8

    /// Returns a question of `bytes` bytes of text, and its number. At least 16 bytes.
    func question(bytes: Int) -> (number: Int, octets: [UInt8]) {
        let number = nextNumber()
        return (number, text.octets(number, bytes: bytes))
    }

    /// Asks once and waits for the answer. Other datagrams that arrive meanwhile are added to
    /// `strays`.
    ///
    /// - Parameter number: The number of a question with a header; it distinguishes answers to
    ///   other questions.
    /// - Parameter mayBeBusy: Whether the wait is longer for a server that waits for a CPU.
    /// - Returns: `nil` if there was none in time, or the server has exited.
    func ask(
        _ octets: [UInt8], number: Int?, from asker: Peer? = nil, patienceNs: Int64 = patienceNs,
        mayBeBusy: Bool = true
    ) throws -> Answer? {
        let peer = asker ?? regular
        // Without numbers an answer to what was sent before would be taken for that of this one.
        if text.request?.definition.isOneAtATime == true { try rest(ns: Self.settleNs) }
        // A second answer to an earlier question does not answer this one.
        while peer.take(room) != nil {}
        let askedNs = Self.nowNs()
        peer.send(octets, to: target)
        return try awaitAnswer(
            number, octets, at: peer, askedNs: askedNs, patienceNs: patienceNs,
            mayBeBusy: mayBeBusy)
    }

    /// Waits for the answer to a question that was sent.
    func awaitAnswer(
        _ number: Int?, _ octets: [UInt8], at peer: Peer, askedNs: Int64, patienceNs: Int64,
        mayBeBusy: Bool = true
    ) throws -> Answer? {
        var places: [(any Listener, Answer.Place)] = [(peer, .asker)]
        if let ear { places.append((ear, .ear)) }
        if peer !== regular { places.append((regular, .regular)) }
        var untilNs = Self.nowNs() + patienceNs
        let limitNs = untilNs + (mayBeBusy ? Self.busyNs : 0)
        while true {
            // Checked before the sockets: datagrams of a server that has exited have arrived.
            var isOver = server.hasEnded || Self.nowNs() >= untilNs
            if isOver, !server.hasEnded, Self.nowNs() < limitNs, isWaitingForProcessor {
                untilNs = min(limitNs, Self.nowNs() + Self.lookAgainNs)
                isOver = false
            }
            for (listener, place) in places {
                while let letter = listener.take(room) {
                    guard answers(letter, number, octets) else {
                        if strays.count < Self.straysAtMost { strays.append(letter) }
                        continue
                    }
                    return Answer(
                        octets: letter.octets, source: letter.source, place: place,
                        tookNs: Self.nowNs() - askedNs)
                }
            }
            if isOver { return nil }
            try listen(to: places.map(\.0), untilNs: untilNs)
        }
    }

    /// Whether a datagram may be the answer: one with another number answers another question, and
    /// one without a number is taken for an altered question.
    private func answers(_ letter: Letter, _ number: Int?, _ question: [UInt8]) -> Bool {
        guard text.request == nil else {
            return number != nil && text.number(letter.octets) == number
        }
        if letter.octets == question { return true }
        if shrinks, question.starts(with: letter.octets) { return true }
        guard let theirs = text.number(letter.octets) else {
            // An echo returns a plain question with its number: this is a late answer to another
            // question.
            if isEcho, question.count == Self.plainBytes { return false }
            // Too short for a header: the first bytes of a question, or of something else.
            return number == nil || letter.octets.count >= ProbeText.headerBytes
                || (!letter.octets.isEmpty && question.starts(with: letter.octets))
        }
        return theirs == number
    }

    /// Asks a short text a few times until it is answered.
    func askPlainly(
        from peer: Peer? = nil, attempts: Int = attempts, patienceNs: Int64 = patienceNs,
        mayBeBusy: Bool = true, bytes: Int = plainBytes
    ) throws -> Answer? {
        for _ in 0..<attempts where !server.hasEnded {
            let (number, octets) = question(bytes: bytes)
            let answer = try ask(
                octets, number: number, from: peer, patienceNs: patienceNs, mayBeBusy: mayBeBusy)
            if let answer { return answer }
        }
        return nil
    }

    /// The outcome of a datagram that is a trial in itself.
    enum Reception {
        case verbatim
        case altered([UInt8])
        /// The server did not answer it, but answers other questions.
        case silent
        case damaged(Damage)
    }

    /// Presents a datagram once. The next question is a plain one, so that two special ones never
    /// reach the server in a row.
    ///
    /// A server that sometimes leaves questions unanswered gets the datagram again.
    func present(_ octets: [UInt8], number: Int?) throws -> Reception {
        var reception = try presentOnce(octets, number: number)
        for _ in 0..<Self.moreForgetful where missesAnyway != nil {
            guard case .silent = reception else { break }
            reception = try presentOnce(octets, number: number)
        }
        return reception
    }

    private func presentOnce(_ octets: [UInt8], number: Int?) throws -> Reception {
        strays.removeAll()
        let first = try ask(octets, number: number, patienceNs: 250 * Self.millisecondNs)
        if let first {
            // The server may fail even after its answer.
            if let damage = try damage() { return .damaged(damage) }
            return first.octets == octets ? .verbatim : .altered(first.octets)
        }
        if let damage = try damage() { return .damaged(damage) }
        // A server with several threads may answer in another order.
        if let late = strays.first(where: {
            $0.octets == octets || (number != nil && text.number($0.octets) == number)
        }) {
            return late.octets == octets ? .verbatim : .altered(late.octets)
        }
        let late = try awaitAnswer(
            number, octets, at: regular, askedNs: Self.nowNs(),
            patienceNs: 400 * Self.millisecondNs)
        guard let late else { return .silent }
        return late.octets == octets ? .verbatim : .altered(late.octets)
    }
}
