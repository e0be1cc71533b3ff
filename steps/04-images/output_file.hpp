// A tar on its way to a file or to standard output.
#pragma once

#include <string>

#include "04-images/byte_stream.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A file has its name only when it is whole.
class OutputFile {
  public:
    /// "" and "-" are standard output. Throws InvalidArgument when that is a
    /// terminal.
    explicit OutputFile(std::string path);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    /// Without finish() there is no file.
    ~OutputFile();

    ByteSink sink();
    void finish();

  private:
    std::string path_, temporary_;
    UniqueFd file_;
};

}  // namespace slipway
