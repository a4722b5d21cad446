<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Answer</name>
    <message>
        <source>Definitely generated</source>
        <translation>Sicher erzeugt</translation>
    </message>
    <message>
        <source>Probably generated</source>
        <translation>Wahrscheinlich erzeugt</translation>
    </message>
    <message>
        <source>Maybe generated</source>
        <translation>Vielleicht erzeugt</translation>
    </message>
    <message>
        <source>Maybe real</source>
        <translation>Vielleicht echt</translation>
    </message>
    <message>
        <source>Probably real</source>
        <translation>Wahrscheinlich echt</translation>
    </message>
    <message>
        <source>Definitely real</source>
        <translation>Sicher echt</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Erzeugt</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Echt</translation>
    </message>
    <message>
        <source>Left is generated</source>
        <translation>Links ist erzeugt</translation>
    </message>
    <message>
        <source>Right is generated</source>
        <translation>Rechts ist erzeugt</translation>
    </message>
    <message>
        <source>from definitely generated to definitely real</source>
        <translation>von sicher erzeugt bis sicher echt</translation>
    </message>
</context>
<context>
    <name>Browse</name>
    <message>
        <source>Class of this image</source>
        <extracomment>who gave the last class, proposed for the next image</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Given &amp;by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give this class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window preset</source>
        <extracomment>the box shows its own title only; the list that it opens is wider</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window preset…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour map of grey images (M)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invert</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exchange black and white (I)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Interpolate enlarged images, not single pixels (S)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole image, full grey range (R)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search by id</source>
        <extracomment>longer lists scroll by themselves facets whose lines differ at their ends kinds of map that the library has, and whether it has ratings that may be seen</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A part of the image&apos;s id: patient, run, number … (Ctrl+F)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Show all images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Generate images</source>
        <extracomment>drawn seeds are short enough to be read out</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed draws the same images again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Trained generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;How many</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Uncertainty maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images join the library as generated ones. The same generator and seed always give the same images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Generate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>only those that the generator makes itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep this image while others are chosen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grey levels shown as black and white, and the enlargement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview – detail follows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Explore a generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Walk between the seeds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Same seeds at every checkpoint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A seed stands for one image of the generator. Between two seeds its images change step by step: jumps hint at images learnt by heart. Nothing is added to the library.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>newest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as the first seed has it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other seeds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Checkpoint of the walk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cl&amp;ass</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Seeds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Images from seed to seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Place on the way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play there and back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No images yet</source>
        <extracomment>a thread of Python&apos;s slows the first pictures down, so that it waits until they are there</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import ACDC, IDRiD or a folder of your own images. Generated images join them here once a network has been trained.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import images…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no trained generator yet. Train one on the Train page (Ctrl+4); its images can be drawn here from its first checkpoint on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty is mapped by a network of the kind “upgan” or “higan”, and none is trained yet. Train one on the Train page (Ctrl+4).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no trained generator yet. Train one on the Train page (Ctrl+4).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped; what was finished before is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By features of the data set&apos;s encoder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sort by</source>
        <extracomment>what is looked at from its highest values on</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play the frames as a film (P)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How fast the frames are played</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show uncertainty</source>
        <extracomment>per cent of the map&apos;s pixels within the outline</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show with the image where the network is unsure (U)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Over the image, beside it, or as an outline (V)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How strongly the map covers the image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How large a share of the map the outline encloses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map uncertainty</source>
        <extracomment>what the maps of each variant are made of</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The chosen image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also &amp;add a refined copy of each image to the library</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network&apos;s restoration of the image; it counts as generated, also where the image is real</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DataImport</name>
    <message>
        <source>Import images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping the import…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The import was stopped before its first file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Choose folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Real</source>
        <translation type="unfinished">Echt</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation type="unfinished">Erzeugt</translation>
    </message>
    <message>
        <source>the folder&apos;s own name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>optional: table of file and class (or sequence, frame)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table of classes and sequences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the table of classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also import all &amp;frames of the cine (patientNNN_4d.nii.gz)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images are</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare &amp;with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cine</source>
        <translation type="unfinished">Film</translation>
    </message>
    <message>
        <source>Picture &amp;size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>real images that are imported under the same name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Save as CSV…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Demo</name>
    <message>
        <source>Guide</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Evaluation</name>
    <message>
        <source>Evaluate a generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2,000 is usual; fewer are quicker and less certain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An encoder trained on the data set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inception-v3, downloaded once (91 MiB)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inception-v3, from a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What images are compared by. Inception-v3 gives FID and KID, as in papers, but was trained on photographs of objects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Trained generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Checkpoint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Images to draw</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared &amp;by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images are drawn for this measurement only and do not join the library. They are compared with the real images of the generator&apos;s data set.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metric compared with the readers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evaluate…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw images of a generator and compare them with real ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No generator was evaluated yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An evaluation draws images of a trained generator and measures how near they are to real ones. Here the measures stand beside what specialists said of the same images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading evaluations…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window stays usable.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run has saved a checkpoint yet. Train a generator first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To the Train page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Metric:</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>{action}, key {key}</source>
        <extracomment>in narrower buttons the words of a label stand on two lines</extracomment>
        <translation>{action}, Taste {key}</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>take back the last answer of this block</source>
        <translation>die letzte Antwort dieses Blocks zurücknehmen</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Markieren</translation>
    </message>
    <message>
        <source>mark a region and say why</source>
        <translation>eine Stelle markieren und sagen, warum</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>Bemerkung</translation>
    </message>
    <message>
        <source>write a comment on this image</source>
        <translation>eine Bemerkung zu diesem Bild schreiben</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>leave; you go on at the same image</source>
        <translation>verlassen; Sie machen beim selben Bild weiter</translation>
    </message>
    <message>
        <source>Keys</source>
        <extracomment>parents narrower than this have room for one column only</extracomment>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>show or hide this list</source>
        <translation>diese Liste zeigen oder verbergen</translation>
    </message>
    <message>
        <source>whole image, full grey range</source>
        <translation>ganzes Bild, voller Grauwertbereich</translation>
    </message>
    <message>
        <source>exchange black and white</source>
        <translation>Schwarz und Weiß vertauschen</translation>
    </message>
    <message>
        <source>Cine</source>
        <translation>Film</translation>
    </message>
    <message>
        <source>play the sequence, or stop it</source>
        <translation>die Bildfolge abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Space</source>
        <extracomment>pressed on the way to another key, they are none themselves</extracomment>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>go on after practice and breaks</source>
        <translation>nach Übung und Pausen weitermachen</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>Ziehen</translation>
    </message>
    <message>
        <source>sideways: contrast; up and down: brightness</source>
        <translation>seitwärts: Kontrast; auf und ab: Helligkeit</translation>
    </message>
    <message>
        <source>Wheel  or  + −</source>
        <translation>Mausrad  oder  + −</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>vergrößern, verkleinern</translation>
    </message>
    <message>
        <source>Middle button</source>
        <translation>Mittlere Maustaste</translation>
    </message>
    <message>
        <source>move the image</source>
        <translation>das Bild verschieben</translation>
    </message>
    <message>
        <source>M, then drag</source>
        <translation>M, dann ziehen</translation>
    </message>
    <message>
        <source>an ellipse; after M once more, a freehand line</source>
        <translation>eine Ellipse; nach nochmals M eine freie Linie</translation>
    </message>
    <message>
        <source>M, then arrow keys</source>
        <translation>M, dann Pfeiltasten</translation>
    </message>
    <message>
        <source>move an ellipse; with Shift change its size; Enter takes it</source>
        <translation>eine Ellipse bewegen; mit Umschalt ihre Größe ändern; Eingabe übernimmt sie</translation>
    </message>
    <message>
        <source>Delete, U</source>
        <translation>Entf, U</translation>
    </message>
    <message>
        <source>remove the last mark; put it back</source>
        <translation>die letzte Markierung entfernen; sie zurückholen</translation>
    </message>
    <message>
        <source>Any key closes this list.</source>
        <translation>Jede Taste schließt diese Liste.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>medgan-review</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Workspaces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this workspace and choose another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme and language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sessions speak this language from now on, all else from the next start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connect to this server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The workspace {folder} is not there. If it lies on a drive or in the network, connect that and open the workspace again. If it was moved, choose “Open workspace…” and show where it is now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong that should not: {error}. What was stored before is safe; if the window behaves strangely, start the program again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>Drag an ellipse around the region, or move one by the arrow keys.   M: draw freely   Esc: stop</source>
        <translation>Ellipse um die Stelle ziehen oder mit den Pfeiltasten bewegen.   M: frei zeichnen   Esc: aufhören</translation>
    </message>
    <message>
        <source>Draw around the region.   M: ellipse   Esc: stop</source>
        <translation>Umfahren Sie die Stelle.   M: Ellipse   Esc: aufhören</translation>
    </message>
    <message>
        <source>anatomy</source>
        <translation>Anatomie</translation>
    </message>
    <message>
        <source>texture</source>
        <translation>Textur</translation>
    </message>
    <message>
        <source>vessel</source>
        <translation>Gefäß</translation>
    </message>
    <message>
        <source>border</source>
        <translation>Rand</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>artefact</source>
        <translation>Artefakt</translation>
    </message>
    <message>
        <source>other</source>
        <translation>anderes</translation>
    </message>
    <message>
        <source>Put the mark back  {key}</source>
        <extracomment>of a button that has no room: its key or number, which stands first, remains</extracomment>
        <translation>Markierung zurückholen  {key}</translation>
    </message>
    <message>
        <source>What is wrong there?</source>
        <translation>Was stimmt dort nicht?</translation>
    </message>
    <message>
        <source>Esc: discard</source>
        <translation>Esc: verwerfen</translation>
    </message>
    <message>
        <source>Reason: {reason}, key {key}</source>
        <translation>Grund: {reason}, Taste {key}</translation>
    </message>
    <message>
        <source>Delete mark {number}: {reason}</source>
        <translation>Markierung {number} löschen: {reason}</translation>
    </message>
    <message>
        <source>Delete this mark (Delete removes the last one)</source>
        <translation>Diese Markierung löschen (Entf löscht die letzte)</translation>
    </message>
</context>
<context>
    <name>Rating</name>
    <message>
        <source>Readers&apos; consent to training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratings of a ticked reader may train generators. Change it only at that reader&apos;s wish. Training that has begun keeps the ratings it was given; no later round uses those of a reader who has taken the consent back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Readers who agree to training with their ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No reader has begun this study yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it takes, and what it can show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes ratings.csv, marks.csv and data_dictionary.csv into the workspace&apos;s exports.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With the truth (real or generated, run, right or wrong)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is blinded: its truth is sealed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For spreadsheets: mark the files as UTF-8</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A byte order mark, without which Excel garbles accented letters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parquet files too</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs pyarrow: pip install pyarrow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check again</source>
        <extracomment>the button that started the work: disabled meanwhile, it loses the focus</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No single property tells the images apart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remedies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What gives the images away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Result of the leak check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Before you start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start all the same</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a reading pack</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pack and its code come from the study&apos;s coordinator. Nothing in it tells which images are generated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As it was told to you; dashes and case do not matter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading pack</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Copy code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading packs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>While a pack is out, its reader&apos;s session cannot be opened here. Cancel a pack that will not come back: its results are refused from then on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Packs of this study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel this pack</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A study needs real and generated images. Import a data set and generate images on the Browse page first.</source>
        <extracomment>what the reader&apos;s workspace was made from; None in a coordinator&apos;s</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is unblinded; its truth is part of exports now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session was left. The answers that went through are stored; a comment just typed may not be.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coordinator&apos;s &amp;passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coordinator&apos;s passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Who is reading?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reader</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New reader…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name or initials; stays in this workspace</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Specialty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exports carry a reader&apos;s role, specialty and experience under a neutral number, no name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter a name or initials.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make a pack for a reader elsewhere…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Packs of this study…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take results back into the study…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a pack that was sent to you…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Studies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No study yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A study shows real and generated images in a blinded order. It needs imported images and images drawn by a trained run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New study…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leak check…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find out whether size, brightness or noise give images away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send a session to a reader elsewhere, and take it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Consent…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which readers&apos; ratings may train generators</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the ratings as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unblind…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the truth with the coordinator&apos;s passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train with these ratings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a round in which a generator learns from the ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write results for the coordinator…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make the file that the coordinator takes back into the study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody can see which images are generated until this passphrase is entered. It cannot be recovered: keep it where readers do not find it.</source>
        <extracomment>narrower pages have no room for the estimate beside the form the reader&apos;s tools in the words of the page, by their field in `Tools`</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A generator can learn from the ratings of readers who agree to it. Otherwise that is possible once the study is unblinded. The coordinator&apos;s passphrase starts it; readers and results stay blinded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Six steps of confidence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Real or generated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A noise pattern</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plain grey</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Permit it while the study is blinded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Readers may use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings of the study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Here with fewer images, as the library has no more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unblind the study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everybody who opens this workspace can then see which images are generated. This cannot be undone, and its date and time are recorded with the study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unblind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a study in the list first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No reader has finished a session yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is still blinded and does not permit training meanwhile: unblind it first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is unblinded: who knows the truth cannot rate it any more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is unblinded: there is nothing to leak.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No reader has begun yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study is unblinded already.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Results</name>
    <message>
        <source>Save…</source>
        <extracomment>height over width until the figure itself is known</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as SVG (scalable) or PNG</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save CSV…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>← (left arrow key)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>→ (right arrow key)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Study</source>
        <extracomment>a reader&apos;s workspace, made from a reading pack, has nothing to unblind</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write every table as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save all tables…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the report as PDF and HTML to the workspace&apos;s exports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unblind on the Rate page…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sections of the results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No results yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set up a study on the Rate page and let a reader finish a session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to the Rate page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Analysing…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window stays usable.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not analysed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no analysis of this study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Analyse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Still counts as guessing:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Margin around guessing, in percentage points</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The equivalence tests ask whether the result is shown to lie within this margin of guessing. Choose it before looking at the results, by what would not matter in practice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Rounds</name>
    <message>
        <source>&amp;Study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No study is left to begin with. Make one on the Rate page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed draws the same images again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;How many</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No round yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Readers&apos; ratings can train a generator, round by round. That needs a study with images of a run of this workspace: make one on the Rate page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To the Rate page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Begin with another study…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Feedback rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parent and child</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images of the parent and the child in pairs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train on from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train on &amp;from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;teps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the &amp;numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also &amp;use the ratings of the rounds before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step of the round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training of this round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the run</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Comment on this image; Enter to go on</source>
        <translation>Bemerkung zu diesem Bild; Eingabe: weiter</translation>
    </message>
    <message>
        <source>Comment on this image</source>
        <translation>Bemerkung zu diesem Bild</translation>
    </message>
    <message>
        <source>Next (Space)</source>
        <translation>Weiter (Leertaste)</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Progress of the session</source>
        <translation>Stand der Sitzung</translation>
    </message>
    <message>
        <source>Your answer is kept and tried again every few seconds; Enter tries at once.</source>
        <extracomment>after an answer could not be written, until it is tried again</extracomment>
        <translation>Ihre Antwort bleibt erhalten und wird alle paar Sekunden erneut geschrieben; die Eingabetaste versucht es sofort.</translation>
    </message>
    <message>
        <source>Press Esc once more to leave without this answer; it is lost then.</source>
        <translation>Drücken Sie noch einmal Esc, um ohne diese Antwort zu gehen; sie geht dann verloren.</translation>
    </message>
    <message>
        <source>Press Space to try again.</source>
        <translation>Versuchen Sie es mit der Leertaste noch einmal.</translation>
    </message>
    <message>
        <source>Practice {number} of {total}</source>
        <translation>Übung {number} von {total}</translation>
    </message>
    <message>
        <source>{number} of {total}</source>
        <translation>{number} von {total}</translation>
    </message>
    <message>
        <source>You have judged {done} of {total}; you go on where you stopped.</source>
        <translation>Sie haben {done} von {total} beurteilt und machen dort weiter, wo Sie aufgehört haben.</translation>
    </message>
    <message numerus="yes">
        <source>The first %n are practice: after each you are told the truth.</source>
        <translation>
            <numerusform>Das erste ist zur Übung: Danach erfahren Sie, was es ist.</numerusform>
            <numerusform>Die ersten %n sind zur Übung: Nach jedem erfahren Sie, was es ist.</numerusform>
        </translation>
    </message>
    <message>
        <source>Each is shown for {time} only. Look, then answer.</source>
        <translation>Jedes wird nur kurz gezeigt ({time}). Schauen Sie, dann antworten Sie.</translation>
    </message>
    <message>
        <source>Every answer is saved at once. Press ? at any time for the keys.</source>
        <translation>Jede Antwort wird sofort gespeichert. Mit ? sehen Sie jederzeit die Tasten.</translation>
    </message>
    <message>
        <source>They would teach a generator what gave its images away, also while this study is still blinded.</source>
        <translation>Ein Generator würde daraus lernen, was seine Bilder verraten hat, auch solange diese Studie noch verblindet ist.</translation>
    </message>
    <message>
        <source>They would teach a generator what gave its images away, once this study is unblinded.</source>
        <translation>Ein Generator würde daraus lernen, was seine Bilder verraten hat, sobald diese Studie entblindet ist.</translation>
    </message>
    <message>
        <source>Without your consent they are used for the results only. You can change this at every break, at the end and later on the Rate page.</source>
        <translation>Ohne Ihre Zustimmung dienen sie nur den Ergebnissen. Sie können das in jeder Pause, am Ende und später auf der Seite „Rate“ ändern.</translation>
    </message>
    <message>
        <source>&amp;Yes, my ratings may also train image generators</source>
        <translation>&amp;Ja, mit meinen Urteilen dürfen auch Bildgeneratoren trainiert werden</translation>
    </message>
    <message>
        <source>From here on you are not told what an image is.</source>
        <translation>Ab hier erfahren Sie nicht mehr, was ein Bild ist.</translation>
    </message>
    <message>
        <source>Practice is over</source>
        <translation>Die Übung ist vorbei</translation>
    </message>
    <message>
        <source>Everything is saved.</source>
        <translation>Alles ist gespeichert.</translation>
    </message>
    <message>
        <source>Rest your eyes for {time}, or go on at once.</source>
        <translation>Ruhen Sie Ihre Augen aus ({time}), oder machen Sie gleich weiter.</translation>
    </message>
    <message>
        <source>Time for a break</source>
        <translation>Zeit für eine Pause</translation>
    </message>
    <message numerus="yes">
        <source>All %n answers are saved. The coordinator can now export them.</source>
        <translation>
            <numerusform>Ihre Antwort ist gespeichert. Die Studienleitung kann sie jetzt exportieren.</numerusform>
            <numerusform>Alle %n Antworten sind gespeichert. Die Studienleitung kann sie jetzt exportieren.</numerusform>
        </translation>
    </message>
    <message>
        <source>Done. Thank you.</source>
        <translation>Fertig. Vielen Dank.</translation>
    </message>
    <message>
        <source>Close (Space)</source>
        <translation>Schließen (Leertaste)</translation>
    </message>
    <message>
        <source>You were right.</source>
        <translation>Sie hatten recht.</translation>
    </message>
    <message>
        <source>You said: {answer}.</source>
        <translation>Sie sagten: {answer}.</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Echt</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Erzeugt</translation>
    </message>
    <message>
        <source>Left is generated</source>
        <translation>Links ist erzeugt</translation>
    </message>
    <message>
        <source>Right is generated</source>
        <translation>Rechts ist erzeugt</translation>
    </message>
    <message>
        <source>Which of the two images is generated?</source>
        <translation>Welches der beiden Bilder ist erzeugt?</translation>
    </message>
    <message>
        <source>Is this image real or generated?</source>
        <translation>Ist dieses Bild echt oder erzeugt?</translation>
    </message>
    <message>
        <source>Start (Space)</source>
        <translation>Beginnen (Leertaste)</translation>
    </message>
    <message>
        <source>Go on (Space)</source>
        <translation>Weiter (Leertaste)</translation>
    </message>
    <message numerus="yes">
        <source>%n pairs of images to judge.</source>
        <translation>
            <numerusform>%n Bildpaar ist zu beurteilen.</numerusform>
            <numerusform>%n Bildpaare sind zu beurteilen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n images to judge.</source>
        <translation>
            <numerusform>%n Bild ist zu beurteilen.</numerusform>
            <numerusform>%n Bilder sind zu beurteilen.</numerusform>
        </translation>
    </message>
    <message>
        <source>{left} of {total} are left.</source>
        <translation>{left} von {total} stehen noch aus.</translation>
    </message>
    <message>
        <source>{left} of {total} are left, about {time} at your pace.</source>
        <translation>{left} von {total} stehen noch aus, bei Ihrem Tempo etwa {time}.</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <translation>{number} ms</translation>
    </message>
    <message numerus="yes">
        <source>%n seconds</source>
        <translation>
            <numerusform>%n Sekunde</numerusform>
            <numerusform>%n Sekunden</numerusform>
        </translation>
    </message>
    <message>
        <source>{number} seconds</source>
        <translation>{number} Sekunden</translation>
    </message>
    <message numerus="yes">
        <source>%n minutes</source>
        <translation>
            <numerusform>%n Minute</numerusform>
            <numerusform>%n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>Left image</source>
        <extracomment>frames are shown as slowly as this where there are only a few of them</extracomment>
        <translation>Linkes Bild</translation>
    </message>
    <message>
        <source>Right image</source>
        <translation>Rechtes Bild</translation>
    </message>
    <message>
        <source>Image to judge</source>
        <translation>Zu beurteilendes Bild</translation>
    </message>
</context>
<context>
    <name>SettingsMenu</name>
    <message>
        <source>Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys of this page (?)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Guide through the pages</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Training</name>
    <message>
        <source>Copy all of it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> Ask a specialist…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw images from the last checkpoint and rate them blinded beside real ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Values to show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show small changes of small values; values up to 0 are left out</source>
        <extracomment>a plot takes several ms to draw; once a second is enough to watch two threads that import the same package of circular modules at once may find it half made</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a training run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed, data and settings train the same generator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic – the GPU if there is one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Data set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Generators</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Image size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;teps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;eed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>De&amp;vice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing trained yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train a generator on your images in the background. Its images can then be rated, and the ratings train the next one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a training run…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped; what was drawn before is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start new…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose what to train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Save a checkpoint and hold the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on from the last checkpoint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End the run after a checkpoint; it can be resumed after all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Generate images…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw images with the selected run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Curves</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Losses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same starting points every time, so that progress shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No samples are drawn yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples of the run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask a specialist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passp&amp;hrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passphrase a&amp;gain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody can see which images are generated until this passphrase is entered. It cannot be recovered.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prepare the session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Generators to train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick every generator; one run each, trained in turn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{state}, {n} before it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a run in the table first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images are being drawn; wait until that is done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has saved no checkpoint yet, from which images could be drawn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to pause: {state}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to go on with: {state}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to cancel: {state}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Medical image review</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rate real and generated images without knowing which is which, and let your ratings train the next generator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opened last</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Widgets</name>
    <message>
        <source>Image</source>
        <extracomment>values of an image that take too long to window while the mouse drags bilinear interpolation when enlarging; shrinking is always smooth behind the image whether the frame of the focus is drawn only when the Tab key brought the focus</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the message offers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
