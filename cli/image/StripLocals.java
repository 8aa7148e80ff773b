// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.LocalVariableType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Takes the names of local variables, which only a debugger asks for, out of all class files below a directory: a tenth
/// of them, in the image's jar and again in its AOT cache. Lines stay, for stack traces.
void main(String[] args) throws IOException {
    ClassFile classFile = ClassFile.of();
    ClassTransform withoutLocals = ClassTransform.transformingMethodBodies((code, element) -> {
        if (!(element instanceof LocalVariable || element instanceof LocalVariableType)) {
            code.with(element);
        }
    });
    try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
        files.filter(file -> file.toString().endsWith(".class")).forEach(file -> {
            try {
                ClassModel model = classFile.parse(file);
                Files.write(file, classFile.transformClass(model, withoutLocals));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
