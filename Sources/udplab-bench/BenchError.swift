/// Why a leg, or the whole benchmark, gave no figure: a sentence for the reader.
struct BenchError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
