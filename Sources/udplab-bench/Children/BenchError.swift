/// The reason why a leg, or the whole benchmark, gave no figure, as a sentence.
struct BenchError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
