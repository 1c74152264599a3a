/// The requests that a sender sends in place of probes, and how their answers are told.
package struct RequestDefinition: Codable, Sendable, Equatable {
    /// The kind of request as the plan has it: `dns`, `text`.
    package var name: String
    /// The requests, which are sent in turn.
    package var templates: [BytePattern]
    package var answer: AnswerMatch
    /// The properties of a right answer; without any, every answer is right.
    package var valid: [AnswerCheck]

    package init(
        name: String, templates: [BytePattern], answer: AnswerMatch, valid: [AnswerCheck] = []
    ) {
        self.name = name
        self.templates = templates
        self.answer = answer
        self.valid = valid
    }

    /// The bytes of the largest request.
    package var bytesMost: Int { templates.map(\.bytesMost).max() ?? 0 }

    /// The mean size of the requests in bytes; nil if the size of one differs with its number.
    package var meanBytes: Double? {
        let sizes = templates.compactMap { $0.pieces.contains(.decimal) ? nil : $0.bytesMost }
        guard sizes.count == templates.count, !sizes.isEmpty else { return nil }
        return Double(sizes.reduce(0, +)) / Double(sizes.count)
    }

    /// Whether no answer is awaited.
    package var isOneWay: Bool { answer == .none }

    /// Whether a request can be told only because no other of its flow is unanswered.
    package var isOneAtATime: Bool { answer == .any }

    /// The bits of the number by which an answer is told from others; nil without a number.
    package var numberBits: Int? {
        switch answer {
        case .none, .any: nil
        case .echo: templates.map { $0.numberBits ?? 0 }.min()
        case .at(_, let pattern), .containing(let pattern): pattern.numberBits
        }
    }
}

/// The rule that finds the request of an answer.
package enum AnswerMatch: Codable, Sendable, Equatable {
    /// No answer is awaited.
    case none
    /// The next datagram answers the one request of its flow that is unanswered.
    case any
    /// The answer is the request itself.
    case echo
    /// The answer has the pattern, with the number of its request, at a byte.
    case at(Int, BytePattern)
    /// The answer has the pattern somewhere.
    case containing(BytePattern)
}

/// A property of a right answer: some of its bytes, under a mask.
package struct AnswerCheck: Codable, Sendable, Equatable {
    /// The first byte.
    package var at: Int
    /// The bits that count, as many bytes as `octets`.
    package var mask: [UInt8]
    package var octets: [UInt8]
    /// Whether the bytes must differ, not agree.
    package var differs: Bool

    package init(at: Int, mask: [UInt8]? = nil, octets: [UInt8], differs: Bool = false) {
        self.at = at
        self.mask = mask ?? Array(repeating: 0xff, count: octets.count)
        self.octets = octets
        self.differs = differs
    }
}
