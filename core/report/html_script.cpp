// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"

namespace diptych::html {

std::string_view sortScript() {
    return R"js(document.querySelectorAll("table.sortable").forEach(function(table){
  var heads=table.tHead.rows[0].cells,body=table.tBodies[0];
  Array.prototype.forEach.call(heads,function(head,column){
    head.tabIndex=0;head.setAttribute("role","button");head.title="Sort";
    function sort(){
      var up=head.getAttribute("aria-sort")!=="ascending";
      Array.prototype.forEach.call(heads,function(other){other.removeAttribute("aria-sort");});
      head.setAttribute("aria-sort",up?"ascending":"descending");
      function key(row){
        var text=row.cells[column]?row.cells[column].textContent.trim():"",number=parseFloat(text.replace(/,/g,""));
        return {text:text,number:number,none:text===""||text==="\u2013"};
      }
      Array.prototype.slice.call(body.rows).map(function(row){return {row:row,key:key(row)};}).sort(function(a,b){
        if(a.key.none!==b.key.none)return a.key.none?1:-1;
        var order=isNaN(a.key.number)||isNaN(b.key.number)?a.key.text.localeCompare(b.key.text):a.key.number-b.key.number;
        return up?order:-order;
      }).forEach(function(entry){body.appendChild(entry.row);});
    }
    head.addEventListener("click",sort);
    head.addEventListener("keydown",function(event){if(event.key==="Enter"||event.key===" "){event.preventDefault();sort();}});
  });
});)js";
}

std::string_view sortScriptDigest() {
    return "sha256-du10/ibpteBZsHYOSHInqYAIgE0osJsHNO/ELjAnfhU=";
}

} // namespace diptych::html
