/// Lets only so many programs run at once: the tests of a suite start side by side, but each of
/// them measures, and two processors cannot serve twenty senders in time.
package actor Turnstile {
    package static let shared = Turnstile()
    /// Programs side by side; one that needs the machine for itself takes all places.
    package static let places = 4

    /// Set within a program's turn: what a test starts beside it needs no place of its own. Two
    /// tests that each waited for a second place with one in hand would wait forever.
    @TaskLocal package static var isInside = false

    private var free = Turnstile.places
    private var waiting: [(places: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// One that needs no place, because it runs inside another's, never waits for those who do.
    package func enter(_ places: Int) async {
        if places == 0 { return }
        if free >= places {
            free -= places
        } else {
            await withCheckedContinuation { waiting.append((places, $0)) }
        }
    }

    /// Lets in whoever fits, in the order in which they came. Those that need the whole machine
    /// have their turns when nobody else waits, and nobody stands idle for them before that.
    package func leave(_ places: Int) {
        free += places
        while let next = waiting.firstIndex(where: { $0.places <= free }) {
            free -= waiting[next].places
            waiting.remove(at: next).continuation.resume()
        }
    }
}
