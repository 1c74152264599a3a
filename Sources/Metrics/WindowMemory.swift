/// The memory of the sequence windows of a thread's flows: one block for their slots and one for
/// their runs of arrivals.
///
///     slots   window 0: sent | outcomes | intended    window 1: …    `words` × 8 B per probe
///     runs    window 0: ring of runs                  window 1: …    see ``ReorderingTracker``
///
/// Blocks and not an allocation per flow: between small allocations the allocator writes its own
/// headers, which brings every page into memory. Of a block the kernel provides a page when the
/// first slot in it is written (mmap(2)), and the ring of a flow whose probes arrive in order is
/// never written to.
///
/// The struct does not own the memory: the caller of ``allocate(windows:capacity:words:)`` calls
/// ``deallocate()`` after the windows are gone.
package struct WindowMemory {
    private let capacity: Int
    private let words: Int
    private let slots: CheckedMemory<UInt64>
    private let runs: CheckedMemory<ReorderingTracker.Run>

    /// - Parameters:
    ///   - windows: The number of windows.
    ///   - capacity: The probes of each, a power of two.
    ///   - words: The 64-bit words per probe: as `ProbeWindow.words` and `ArrivalWindow.words` say.
    package static func allocate(windows: Int, capacity: Int, words: Int) -> WindowMemory {
        precondition(
            windows >= 0 && capacity > 0 && capacity & (capacity - 1) == 0 && capacity <= 1 << 26,
            "a window's capacity is a power of two up to 2^26")
        return WindowMemory(
            capacity: capacity, words: words,
            slots: .allocate(capacity: windows * capacity * words),
            runs: .allocate(capacity: windows * ReorderingTracker.runs(capacity: capacity)))
    }

    package func deallocate() {
        slots.deallocate()
        runs.deallocate()
    }

    /// Returns word `word` of every slot of window `index`. The windows of one memory all use a
    /// word as the same type.
    func slots<Word: BitwiseCopyable>(
        of index: Int, word: Int, as type: Word.Type
    ) -> CheckedMemory<Word> {
        precondition(index >= 0 && word >= 0 && word < words, "a word of a window")
        let first = slots + (index * words + word) * capacity
        let end = slots + (index * words + word + 1) * capacity
        return CheckedMemory(
            start: UnsafeMutableRawPointer(first).bindMemory(to: type, capacity: capacity),
            count: end - first)
    }

    /// Returns the ring of window `index`.
    func runs(of index: Int) -> CheckedMemory<ReorderingTracker.Run> {
        let count = ReorderingTracker.runs(capacity: capacity)
        let end = runs + (index + 1) * count
        return CheckedMemory(start: end - count, count: count)
    }
}
