import Datagrams
import Load
import STAMP

/// The file of a key for STAMP's authenticated mode.
package enum KeyFile {
    /// Twice the bytes of the longest key, for its hexadecimal digits, and `hex:` and a line's end.
    private static let bytesMax = 2 * AuthenticationKey.maximumBytes + 16

    /// Reads the key.
    /// - Throws: If the file cannot be read, if others can read it too, or if it holds no key. The
    ///   sentence has the path and nothing of the content.
    package static func key(_ path: String) throws(SecretFile.Fault) -> AuthenticationKey {
        let bytes = try SecretFile.bytes(of: path, bytesMax: bytesMax)
        do throws(AuthenticationKey.Fault) {
            return try AuthenticationKey(file: bytes)
        } catch {
            throw SecretFile.Fault(description: "\(path): \(error)")
        }
    }
}

extension StampSettings {
    /// Reads the key of authenticated mode; nil for unauthenticated mode.
    func key() throws(WorkerFailure) -> AuthenticationKey? {
        guard let keyFile else { return nil }
        do throws(SecretFile.Fault) {
            return try KeyFile.key(keyFile)
        } catch {
            throw WorkerFailure(.setUp, "the key: \(error)")
        }
    }
}
