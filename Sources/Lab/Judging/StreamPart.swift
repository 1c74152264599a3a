/// The flows of one phase of a sender that one instance of the responder answers.
struct StreamPart: Sendable, Equatable {
    let sender: Int
    /// The phase; 0 is the warm-up, if there is one.
    let phase: Int
    let isMeasured: Bool
    let instance: Int
    let flows: Range<Int>
}
