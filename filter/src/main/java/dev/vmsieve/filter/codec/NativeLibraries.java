// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.io.File;

import org.xerial.snappy.SnappyError;
import org.xerial.snappy.SnappyNative;
import com.github.luben.zstd.util.Native;

/// Loads the native code of zstd-jni and snappy-java, each at its first use and once.
///
/// With the system property [#DIRECTORY] set, the files `libzstd-jni.so` and `libsnappyjava.so` (named as the platform
/// names libraries) are loaded from that directory, which saves unpacking them to a temporary directory at each start.
/// Without it, each library's own loader does its work.
public final class NativeLibraries {
    /// System property: the directory where both libraries lie.
    static final String DIRECTORY = "vmsieve.native.dir";

    private NativeLibraries() {}

    /// Makes the classes of zstd-jni usable.
    public static void loadZstd() {
        Zstd.requireLoaded();
    }

    /// The raw snappy functions.
    static SnappyNative snappy() {
        return Snappy.API;
    }

    /// Whether there is a libsnappy for this platform.
    static boolean hasSnappy() {
        try {
            return Snappy.API != null;
        } catch (LinkageError | SnappyError e) { // a class that failed to initialise, too
            return false;
        }
    }

    @SuppressWarnings("restricted") // native access is granted on the command line and in the manifest
    private static boolean loadFromDirectory(String name) {
        String directory = System.getProperty(DIRECTORY);
        if (directory == null) {
            return false;
        }
        System.load(new File(directory, System.mapLibraryName(name)).getAbsolutePath());
        return true;
    }

    /// Class initialisation is the lock that makes the loading happen once.
    private static final class Zstd {
        static {
            if (loadFromDirectory("zstd-jni")) {
                Native.assumeLoaded();
            } else {
                Native.load();
            }
        }

        static void requireLoaded() {
            // the work is done by the class initialiser
        }
    }

    /// As above; snappy-java's own loader is passed by, its native methods bind to any library of this class loader.
    private static final class Snappy {
        static final SnappyNative API = new SnappyNative();

        static {
            if (!loadFromDirectory("snappyjava")) {
                org.xerial.snappy.Snappy.getNativeLibraryVersion();
            }
        }
    }
}
