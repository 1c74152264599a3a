import Load
import Metrics

/// A piece of a request or of an answer's pattern, compiled for the loop.
struct RequestPiece: BitwiseCopyable {
    enum Kind: UInt8 {
        case literal, decimal, be16, be32, run, random, randomText, timeMs
    }

    let kind: Kind
    /// The place of a literal's bytes in ``RequestContent/literals``.
    var first = 0
    /// The bytes of a literal or of random content.
    var count = 0
}

/// A compiled pattern: some of the pieces of a ``RequestContent``.
struct PieceRange: BitwiseCopyable {
    var first: Int
    var end: Int
}

/// Compiles patterns into pieces and literals.
struct PieceCompiler {
    private(set) var pieces: [RequestPiece] = []
    private(set) var literals: [UInt8] = []

    mutating func add(_ pattern: BytePattern) -> PieceRange {
        let first = pieces.count
        var pending: [UInt8] = []
        for piece in pattern.pieces {
            switch piece {
            case .octets(let octets): pending += octets
            default:
                flush(&pending)
                pieces.append(RequestPiece(piece))
            }
        }
        flush(&pending)
        return PieceRange(first: first, end: pieces.count)
    }

    /// Adds bytes that are no piece.
    /// - Returns: The place of the first.
    mutating func add(_ octets: [UInt8]) -> Int {
        defer { literals += octets }
        return literals.count
    }

    private mutating func flush(_ octets: inout [UInt8]) {
        guard !octets.isEmpty else { return }
        pieces.append(
            RequestPiece(kind: .literal, first: add(octets), count: octets.count))
        octets = []
    }
}

extension RequestPiece {
    /// Makes a piece of one that is no literal.
    fileprivate init(_ piece: BytePattern.Piece) {
        switch piece {
        case .octets: preconditionFailure("the compiler joins these")
        case .runHex8: self.init(kind: .run)
        case .decimal: self.init(kind: .decimal)
        case .be16: self.init(kind: .be16)
        case .be32: self.init(kind: .be32)
        case .random(let count, let isText):
            self.init(kind: isText ? .randomText : .random, count: count)
        case .timeMs: self.init(kind: .timeMs)
        }
    }
}

extension CheckedMemory where Element: BitwiseCopyable {
    /// Allocates memory with these elements.
    static func copy(of elements: [Element]) -> Self {
        let memory = allocate(capacity: elements.count)
        for (index, element) in elements.enumerated() {
            (memory + index).initialize(to: element)
        }
        return memory
    }
}
