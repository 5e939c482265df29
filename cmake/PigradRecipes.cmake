# cmake -DFOLDER=… -DNAME=… -DOUT=… -P PigradRecipes.cmake: FOLDER's *.yaml as one C++ file with the list NAME, so that
# the program carries them.
file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*.yaml)
list(SORT files)
set(text "#include <string>\n#include <utility>\n#include <vector>\n\nnamespace pigrad::app {\n\n")
string(APPEND text "extern const std::vector<std::pair<std::string, std::string>> ${NAME};\n")
string(APPEND text "const std::vector<std::pair<std::string, std::string>> ${NAME} = {\n")
foreach(name ${files})
  file(READ ${FOLDER}/${name} content)
  string(APPEND text "    {\"${name}\", R\"yaml(${content})yaml\"},\n")
endforeach()
string(APPEND text "};\n\n}  // namespace pigrad::app\n")
file(WRITE ${OUT} "${text}")
