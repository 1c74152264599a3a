import Impairment
import Load
import Metrics

/// The users of a closed loop with think time: each has one request at a time, waits for its answer
/// or for the timeout, thinks, and sends its next one.
///
/// Every user has one time at which something is due: the end of its wait or of its thinking. The
/// times are in a binary heap that knows the place of each user, so that an answer moves its user's
/// time. Fixed memory; a change takes O(log users), an answer a look at the users of its flow.
struct ThinkingUsers: ~Copyable {
    private struct User {
        /// The number of the unanswered request; nil while the user thinks.
        var awaited: UInt64?
        var dueNs: Int64
        var place: Int32
        /// The times it has thought, which number its draws.
        var thoughts: UInt32 = 0
    }

    private let users: CheckedMemory<User>
    /// The numbers of the users by place in the heap.
    private let heap: CheckedMemory<Int32>
    private let perFlow: Int
    private let think: ThinkTime
    private let draws: ExponentialDraws
    /// The number of the first user among those of the stream.
    private let firstUser: Int
    let count: Int

    /// - Parameters:
    ///   - perFlow: The users of each flow.
    ///   - allFlows: The flows of the stream, over whose users the first requests are spread.
    init(
        flows: Int, perFlow: Int, think: ThinkTime, seed: Int, firstFlow: Int, startNs: Int64
    ) {
        count = flows * perFlow
        self.perFlow = perFlow
        self.think = think
        draws = ExponentialDraws(seed: seed)
        firstUser = firstFlow * perFlow
        users = .allocate(capacity: count)
        heap = .allocate(capacity: count)
        for user in 0..<count {
            // Users who begin together would send together for a while, or forever.
            let firstNs =
                think.distribution == .exponential
                ? draws.timeNs(UInt64(firstUser + user) << 32, meanNs: think.meanNs)
                : Int64(Double(think.meanNs) * Double(user) / Double(count))
            (users + user).initialize(
                to: User(awaited: nil, dueNs: startNs + firstNs, place: Int32(user)))
            (heap + user).initialize(to: Int32(user))
        }
        for place in stride(from: count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    deinit {
        users.deallocate()
        heap.deallocate()
    }

    /// The time at which the first user is due; `.max` if there is none.
    var nextNs: Int64 { count > 0 ? users[Int(heap[0])].dueNs : .max }

    /// The user who is due first; there has to be one.
    var first: Int { Int(heap[0]) }

    func flow(of user: Int) -> Int { user / perFlow }

    /// Whether the user's request has no answer yet.
    func isWaiting(_ user: Int) -> Bool { users[user].awaited != nil }

    /// Records that a user sent request `sequence`, for whose answer it waits until `untilNs`.
    mutating func sent(_ user: Int, sequence: UInt64, untilNs: Int64) {
        users[user].awaited = sequence
        move(user, to: untilNs)
    }

    /// Has a user think from `fromNs` on: its answer came, its timeout is over, or it sent nothing.
    mutating func thinks(_ user: Int, fromNs: Int64) {
        users[user].awaited = nil
        users[user].thoughts &+= 1
        var thinkNs = think.meanNs
        if think.distribution == .exponential {
            let number = UInt64(firstUser + user) << 32 | UInt64(users[user].thoughts)
            thinkNs = draws.timeNs(number, meanNs: think.meanNs)
        }
        move(user, to: fromNs + thinkNs)
    }

    /// Has the user of a flow think whose request was answered. An answer that no user waits for
    /// changes nothing.
    mutating func answered(flow: Int, sequence: UInt64, atNs timeNs: Int64) {
        for user in flow * perFlow..<(flow + 1) * perFlow where users[user].awaited == sequence {
            return thinks(user, fromNs: timeNs)
        }
    }

    /// Moves the time of a user; `.max` for one who sends nothing any more.
    mutating func move(_ user: Int, to dueNs: Int64) {
        users[user].dueNs = dueNs
        let place = Int(users[user].place)
        if !rise(place) { sink(place) }
    }

    // MARK: - The heap

    private func dueNs(_ place: Int) -> Int64 { users[Int(heap[place])].dueNs }

    private mutating func rise(_ start: Int) -> Bool {
        var place = start
        while place > 0, dueNs(place) < dueNs((place - 1) / 2) {
            swapPlaces(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return place != start
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while 2 * place + 1 < count {
            var child = 2 * place + 1
            if child + 1 < count, dueNs(child + 1) < dueNs(child) { child += 1 }
            guard dueNs(child) < dueNs(place) else { return }
            swapPlaces(place, child)
            place = child
        }
    }

    private mutating func swapPlaces(_ one: Int, _ other: Int) {
        (heap[one], heap[other]) = (heap[other], heap[one])
        users[Int(heap[one])].place = Int32(one)
        users[Int(heap[other])].place = Int32(other)
    }
}
