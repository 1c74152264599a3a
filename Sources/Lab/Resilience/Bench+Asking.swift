import Datagrams
import Glibc

/// An answer, and where it came.
struct Answer {
    enum Place: Equatable {
        case asker
        /// The fixed address that the server answers.
        case ear
        /// The battery's first peer, which had not asked.
        case regular
    }

    let octets: [UInt8]
    let source: SocketAddress?
    let place: Place
    let tookNs: Int64
}

/// One question at a time.
extension Bench {
    /// What a plain question has.
    static let plainBytes = 32

    /// How often more a server is asked that leaves questions unanswered anyway.
    static let moreForgetful = 8

    /// A question of `bytes` bytes of text, and its number. At least 16 bytes.
    func question(bytes: Int) -> (number: Int, octets: [UInt8]) {
        let number = nextNumber()
        return (number, text.octets(number, bytes: bytes))
    }

    /// Asks once and waits for the answer. What else comes meanwhile is in `strays`.
    ///
    /// - Parameter number: The question's own, when it begins with a header; answers to other
    ///   questions are told apart by it.
    /// - Parameter mayBeBusy: Whether a server that waits for a processor is given longer.
    /// - Returns: `nil` when there was none in time, or the server has ended.
    func ask(
        _ octets: [UInt8], number: Int?, from asker: Peer? = nil, patienceNs: Int64 = patienceNs,
        mayBeBusy: Bool = true
    ) throws -> Answer? {
        let peer = asker ?? regular
        // A second answer to an earlier question is none to this one.
        while peer.take(room) != nil {}
        let askedNs = Self.nowNs()
        peer.send(octets, to: target)
        return try awaitAnswer(
            number, octets, at: peer, askedNs: askedNs, patienceNs: patienceNs,
            mayBeBusy: mayBeBusy)
    }

    /// Waits for the answer to a question that is on its way.
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
            // Looked at before the sockets: what an ended server has sent has arrived.
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

    /// Whether a letter may be the answer: one with another number is the answer to something
    /// else, and anything without a number is taken for what a server made of the question.
    private func answers(_ letter: Letter, _ number: Int?, _ question: [UInt8]) -> Bool {
        if letter.octets == question { return true }
        if shrinks, question.starts(with: letter.octets) { return true }
        guard let theirs = text.number(letter.octets) else {
            // An echo returns what is plain with its number: this is a late answer to something
            // else.
            if isEcho, question.count == Self.plainBytes { return false }
            // Too short for a header: a question's own first bytes, or something else's.
            return number == nil || letter.octets.count >= ProbeText.headerBytes
                || (!letter.octets.isEmpty && question.starts(with: letter.octets))
        }
        return theirs == number
    }

    /// Asks a small text until it is answered, a few times.
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

    /// What became of a datagram that is a trial in itself.
    enum Reception {
        case verbatim
        case altered([UInt8])
        /// The server did not answer it, and answers other questions.
        case silent
        case damaged(Damage)
    }

    /// Presents a datagram once. The next question is a plain one, so that two of a kind never
    /// meet the server in a row.
    ///
    /// A server that leaves any question unanswered now and then is given the datagram again.
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
            // Whoever answers may still die of it.
            if let damage = try damage() { return .damaged(damage) }
            return first.octets == octets ? .verbatim : .altered(first.octets)
        }
        if let damage = try damage() { return .damaged(damage) }
        // A server of several threads may answer in another order.
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
