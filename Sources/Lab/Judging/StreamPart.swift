/// The flows of one phase of a sender, on one host, that one instance of the responder answers.
struct StreamPart: Sendable, Equatable {
    let sender: Int
    /// The number of the host among those that send the stream together; 0 for one host.
    var member = 0
    /// The phase; 0 is the warm-up, if there is one.
    let phase: Int
    let isMeasured: Bool
    let instance: Int
    let flows: Range<Int>
}
