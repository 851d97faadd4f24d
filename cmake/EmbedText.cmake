# cmake -DFILE=… -DHEADER=… -DNAMESPACE=a::b -DNAME=kText -DOUTPUT=x.cc -P EmbedText.cmake: one file
# as `extern const std::string_view kText` of that header.
file(READ "${FILE}" content)
file(WRITE "${OUTPUT}"
     "// Made by cmake/EmbedText.cmake.\n#include \"${HEADER}\"\n\n"
     "namespace ${NAMESPACE} {\n\n"
     "const std::string_view ${NAME} = R\"ecloud_file(${content})ecloud_file\";\n\n"
     "}  // namespace ${NAMESPACE}\n")
