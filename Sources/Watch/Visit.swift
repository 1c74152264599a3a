/// The state of one connection: it reads one request, sends one answer, and ends.
///
/// Each state has a time limit, so that a client that is slow on purpose keeps no place. What is
/// sent is bounded as well: an event is made only when the one before has been sent.
struct Visit: Sendable {
    /// The time for a whole request.
    static let readWithinNs: Int64 = 5_000_000_000
    /// The time in which a client must take some bytes of an answer, and the time for all of it.
    static let stallNs: Int64 = 5_000_000_000
    static let sendWithinNs: Int64 = 30_000_000_000
    /// The time for a client to close its end, and the bytes that are read until then: a connection
    /// that is closed with unread bytes is reset, and the answer with it (RFC 9112 §9.6).
    static let lingerNs: Int64 = 1_000_000_000
    static let lingerBytesMax = 65_536

    enum State: Sendable, Equatable {
        case reading
        /// The answer is sent, and the connection ended after it.
        case answering
        /// Events follow until the end.
        case streaming
        /// All is sent; the client closes.
        case lingering
        case over
    }

    private(set) var state = State.reading
    private var reader = RequestReader()
    private var output: [UInt8] = []
    private var done = 0
    private var sinceNs: Int64
    private var progressNs: Int64
    private var extraBytes = 0
    /// Whether the client has closed its end.
    private(set) var hasEnded = false
    /// The versions of the parts that the client has.
    var seen = Versions()

    init(atNs now: Int64) {
        sinceNs = now
        progressNs = now
    }

    var hasOutput: Bool { done < output.count }
    /// Whether the next event can be sent.
    var isReady: Bool { state == .streaming && !hasOutput }

    /// Takes bytes of the client.
    /// - Returns: The outcome of the request, once it is known.
    mutating func receive(_ bytes: ArraySlice<UInt8>, atNs now: Int64) -> RequestReader.Outcome? {
        guard state == .reading else {
            extraBytes += bytes.count
            if extraBytes > Self.lingerBytesMax { state = .over }
            return nil
        }
        reader.read(bytes)
        return reader.outcome
    }

    /// Takes the end of what the client sends. It may close its sending half and still await the
    /// answer.
    mutating func receiveEnd() {
        hasEnded = true
        if state != .answering || !hasOutput { state = .over }
    }

    mutating func answer(_ bytes: [UInt8], atNs now: Int64) { send(bytes, .answering, now) }

    mutating func begin(_ bytes: [UInt8], atNs now: Int64) { send(bytes, .streaming, now) }

    /// Adds an event to what is sent.
    mutating func add(_ bytes: [UInt8], atNs now: Int64) { send(bytes, .streaming, now) }

    /// Adds the last event.
    mutating func end(_ bytes: [UInt8], atNs now: Int64) { send(bytes, .answering, now) }

    private mutating func send(_ bytes: [UInt8], _ state: State, _ now: Int64) {
        if hasOutput { output += bytes } else { (output, done) = (bytes, 0) }
        self.state = state
        (sinceNs, progressNs) = (now, now)
    }

    /// The bytes to be sent next.
    func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        output[done...].withUnsafeBytes(body)
    }

    /// Counts bytes that were sent.
    /// - Returns: Whether the sending half is to be closed.
    mutating func sent(_ count: Int, atNs now: Int64) -> Bool {
        done += count
        progressNs = now
        guard !hasOutput else { return false }
        (output, done) = ([], 0)
        guard state == .answering else { return false }
        (state, sinceNs) = (.lingering, now)
        return true
    }

    /// Ends the visit at once.
    mutating func fail() { state = .over }

    /// The time at which the connection is given up; nil for a stream that waits for its next
    /// event.
    var deadlineNs: Int64? {
        switch state {
        case .reading: sinceNs + Self.readWithinNs
        case .answering: min(progressNs + Self.stallNs, sinceNs + Self.sendWithinNs)
        case .streaming: hasOutput ? progressNs + Self.stallNs : nil
        case .lingering: sinceNs + Self.lingerNs
        case .over: sinceNs
        }
    }

    mutating func look(atNs now: Int64) {
        if let deadlineNs, now >= deadlineNs { state = .over }
    }
}

/// The versions of the parts of the page.
struct Versions: Sendable, Equatable {
    var now = 0
    var runs = 0
}
