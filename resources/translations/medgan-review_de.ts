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
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>remove the last mark</source>
        <translation>die letzte Markierung entfernen</translation>
    </message>
    <message>
        <source>Any key closes this list.</source>
        <translation>Jede Taste schließt diese Liste.</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>Drag an ellipse around the region.   M: draw freely   Esc: stop</source>
        <translation>Ziehen Sie eine Ellipse um die Stelle.   M: frei zeichnen   Esc: aufhören</translation>
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
        <source>Your answer is kept: press Enter to try again.</source>
        <translation>Ihre Antwort ist aufgehoben: Versuchen Sie es mit der Eingabetaste noch einmal.</translation>
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
</TS>
