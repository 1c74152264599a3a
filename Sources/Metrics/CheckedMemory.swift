/// Memory for a fixed number of elements whose subscripts are checked, in release builds as well.
///
/// What a data thread reads and writes is in memory of its own that its owner allocates once and
/// gives back in `deinit`. An index out of range traps here; with a bare pointer it would read or
/// write what belongs to another. The check is a comparison with a number beside the pointer, and
/// a branch that is never taken.
///
/// It owns nothing by itself: whoever calls ``allocate(capacity:)`` calls ``deallocate()``.
///
/// It is public because the optimiser of Swift 6.3 specialises no generic of `package` access in
/// another module: every access was a call then, 2 % of a relay's time.
@frozen
public struct CheckedMemory<Element: ~Copyable> {
    public let start: UnsafeMutablePointer<Element>
    public let count: Int

    /// The `count` elements from `start` on.
    @inlinable
    public init(start: UnsafeMutablePointer<Element>, count: Int) {
        precondition(count >= 0, "a number of elements")
        self.start = start
        self.count = count
    }

    /// Memory for `capacity` elements, none of them initialised.
    @inlinable
    public static func allocate(capacity: Int) -> Self {
        Self(start: .allocate(capacity: capacity), count: capacity)
    }

    @inlinable
    public func deallocate() { start.deallocate() }

    /// The first `count` elements are no more.
    @inlinable
    public func deinitialize(count: Int) {
        precondition(count >= 0 && count <= self.count, "elements that are there")
        start.deinitialize(count: count)
    }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always)
        unsafeAddress {
            precondition(index >= 0 && index < count, "an element that is there")
            return UnsafePointer(start + index)
        }
        @inline(__always)
        nonmutating unsafeMutableAddress {
            precondition(index >= 0 && index < count, "an element that is there")
            return start + index
        }
    }

    /// Where element `index` is, or is to be initialised; `count` is where they end.
    @inlinable
    @inline(__always)
    public static func + (memory: Self, index: Int) -> UnsafeMutablePointer<Element> {
        precondition(index >= 0 && index <= memory.count, "an element that is there")
        return memory.start + index
    }
}

extension CheckedMemory {
    /// Initialises the first `count` elements.
    @inlinable
    public func initialize(repeating value: Element, count: Int) {
        precondition(count >= 0 && count <= self.count, "elements that are there")
        start.initialize(repeating: value, count: count)
    }
}
