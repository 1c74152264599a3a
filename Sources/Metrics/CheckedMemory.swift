/// Memory for a fixed number of elements whose subscripts are checked, in release builds as well.
///
/// The state of a data thread is in memory that its owner allocates once and deallocates in
/// `deinit`. An index out of range traps; with a bare pointer it would access memory of another
/// owner. The check is one comparison, and a branch that is never taken.
///
/// The struct does not own the memory: the caller of ``allocate(capacity:)`` calls
/// ``deallocate()``.
///
/// The struct is public because the optimiser of Swift 6.3 specialises no generic of `package`
/// access in another module: every access was a call then, 2 % of a relay's time.
@frozen
public struct CheckedMemory<Element: ~Copyable> {
    public let start: UnsafeMutablePointer<Element>
    public let count: Int

    /// Wraps the `count` elements from `start` on.
    @inlinable
    public init(start: UnsafeMutablePointer<Element>, count: Int) {
        precondition(count >= 0, "a number of elements")
        self.start = start
        self.count = count
    }

    /// Allocates memory for `capacity` elements, none of them initialised.
    @inlinable
    public static func allocate(capacity: Int) -> Self {
        Self(start: .allocate(capacity: capacity), count: capacity)
    }

    @inlinable
    public func deallocate() { start.deallocate() }

    /// Deinitialises the first `count` elements.
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

    /// Returns the address of element `index`, initialised or not; `count` is the end.
    @inlinable
    @inline(__always)
    public static func + (memory: Self, index: Int) -> UnsafeMutablePointer<Element> {
        precondition(index >= 0 && index <= memory.count, "an element that is there")
        return memory.start + index
    }
}

extension CheckedMemory {
    /// Allocates memory for `count` elements of one value.
    @inlinable
    public static func allocate(repeating value: Element, count: Int) -> Self {
        let memory = allocate(capacity: count)
        memory.initialize(repeating: value, count: count)
        return memory
    }

    /// Initialises the first `count` elements.
    @inlinable
    public func initialize(repeating value: Element, count: Int) {
        precondition(count >= 0 && count <= self.count, "elements that are there")
        start.initialize(repeating: value, count: count)
    }
}
